"""Further sources and sentences, each set written after the check had been developed on those before it.

Of these 60 faithful sentences 13 were flagged at first sight, and 48 of the 49 altered ones: on texts of other people
expect that rather than the figures of the table.
"""

from __future__ import annotations

CLINIC = """\
Press note, 4 February 2026

St. Brigid's Hospital in Galway has opened its new heart centre after 31 months of construction. The building cost €86.4
million, of which the Health Service paid €60 million and donors gave €11.2 million. It has 64 beds, six operating
theatres and a helicopter pad.

Professor Aoife Brennan heads the centre with 22 doctors and 118 nurses. She came from Leeds in 2023. "We can now treat
a heart attack within an hour of the first call," she said. The hospital's manager, Declan Moore, expects 9,500 patients
in the first year, a third more than before.

The old ward had 41 beds and dates from 1974. It will become a rehabilitation clinic by the end of 2027, for another
€7.5 million. The hospital employs 2,900 people. Visitors can see the centre on Saturday, 21 February, from 10 am to
4 pm.
"""

SOFTWARE = """\
# Ledgerline 3.2 release notes

## Performance

Reports of 100,000 rows now open in 1.4 seconds instead of 6.1. Memory use fell from 820 MB to 310 MB. The mobile app
starts in under a second. Imports handle files of up to 2 GB.

## Plans and prices

| Plan | Price per month | Users | Storage |
|---|---|---|---|
| Solo | $12 | 1 | 5 GB |
| Team | $49 | 10 | 100 GB |
| Company | $240 | 75 | 2 TB |

All plans have a trial of 30 days. Yearly payment saves 15 percent.

## Security

Kestrel Security tested the product in October 2025 and found two minor flaws, both fixed in version 3.1.4. Data is kept
in Dublin and Frankfurt. Backups are made every four hours and kept for 35 days.

## People

The release was led by Nadia Hussain; Viktor Olsen wrote the new import. "We deleted more code than we wrote," Olsen
said. Support answers within eight hours, or call +353 1 555 0142.
"""

VEREIN = """\
# Jahresbericht des Gartenvereins Lindenhof

## Mitglieder

Der Verein hat 412 Mitglieder, 37 mehr als im Vorjahr. Das Durchschnittsalter sank von 58 auf 54 Jahre. Auf der
Warteliste stehen 96 Familien. Vorsitzende ist seit dem 9. März 2024 Renate Vogel; Kassenwart ist Uwe Brandt.

## Finanzen

Die Einnahmen betrugen 61.450 Euro, die Ausgaben 58.200 Euro. Eine Parzelle kostet 320 Euro Pacht im Jahr. Für das neue
Vereinshaus hat die Stadt Leipzig 75.000 Euro bewilligt; es soll 180.000 Euro kosten und im Herbst 2026 fertig sein.

## Ernte

Am Erntefest am 21. September 2025 kamen 850 Gäste. Verkauft wurden 1,2 Tonnen Äpfel und 340 Gläser Honig. „Ein
Garten ist die langsamste Art, sich zu freuen“, sagte Renate Vogel. Die Bienen der Imkerin Heike Lorenz gaben 18 Prozent
mehr Honig als 2024.
"""

SOURCES = {"clinic": CLINIC, "software": SOFTWARE, "verein": VEREIN}

FAITHFUL: list[tuple[str, str]] = [
    ("clinic", "The new heart centre in Galway took 31 months to build."),
    ("clinic", "It cost 86.4 million euros, 60 million of them from the Health Service."),
    ("clinic", "Donors contributed €11.2m."),
    ("clinic", "The centre has 64 beds and 6 operating theatres."),
    ("clinic", "Aoife Brennan leads 22 doctors and 118 nurses."),
    ("clinic", "Together that is a team of 140."),
    ("clinic", "Brennan moved from Leeds in 2023."),
    ("clinic", "Moore expects some 9,500 patients in the first year."),
    ("clinic", "With 64 beds it has 23 more than the old ward."),
    ("clinic", "The old ward, built in 1974, becomes a rehabilitation clinic by 2027 for €7.5 million."),
    ("clinic", "Almost 3,000 people work at St. Brigid's Hospital."),
    ("clinic", "The open day is on 21 February from 10:00 to 16:00."),
    ("clinic", '"We can now treat a heart attack within an hour of the first call," said Professor Brennan.'),
    ("software", "Ledgerline 3.2 opens reports with 100,000 rows in 1.4 s."),
    ("software", "Memory use is down from 820 to 310 megabytes."),
    ("software", "That is 62 percent less memory, 310 MB instead of 820 MB."),
    ("software", "The Team plan costs $49 a month for ten users."),
    ("software", "Companies pay $240 and get 2 terabytes of storage."),
    ("software", "Solo users get 5 GB for 12 dollars."),
    ("software", "Try it free for thirty days."),
    ("software", "Pay by the year and save 15%."),
    ("software", "Kestrel Security found 2 minor flaws in October 2025."),
    ("software", "Backups run every 4 hours and stay for five weeks."),
    ("software", "The data stays in Dublin and Frankfurt."),
    ("software", "“We deleted more code than we wrote,” said Viktor Olsen."),
    ("software", "Import files can have 2,000 MB."),
    ("verein", "Der Verein zählt 412 Mitglieder."),
    ("verein", "96 Familien warten auf einen Garten."),
    ("verein", "Das Durchschnittsalter liegt bei 54 statt 58 Jahren."),
    ("verein", "Renate Vogel führt den Verein seit März 2024."),
    ("verein", "Die Einnahmen lagen bei 61.450 €, das sind 3.250 Euro mehr als die Ausgaben von 58.200 €."),
    ("verein", "320 Euro Pacht zahlt man im Jahr für eine Parzelle."),
    ("verein", "Leipzig gibt 75.000 Euro für das Vereinshaus, das 180.000 Euro kosten soll."),
    ("verein", "Zum Erntefest am 21.09.2025 kamen 850 Gäste."),
    ("verein", "1.200 Kilogramm Äpfel wurden verkauft."),
    ("verein", "Heike Lorenz erntete 18 % mehr Honig."),
    ("oats", "Two sisters, Ella and Hannah Whitlock, set up Saltmarsh Foods in Norwich in 2014."),
    ("oats", "Sales of £18.4 million made 2024 its best year, a rise of 26%."),
    ("oats", "Forty-one farms deliver the oats, none more than 80 km away."),
    ("oats", "There are 120 milligrams of calcium in every 100 millilitres."),
    ("oats", "Unopened, a carton keeps for three quarters of a year, or nine months."),
    ("oats", "Until New Year's Eve two cartons are £3.20."),
    ("oats", "Brightside's Tomasz Nowak runs the £340,000 campaign."),
    ("oats", "Half of the budget, £170,000, goes into social media."),
    ("oats", "From 3/11/2025 it is in 1,150 Greenfields shops."),
    ("oats", "A 92% plant-based carton, no added sugar, £1.95."),
    ("bahn", "Mehr als 64 Millionen Reisende nutzten den Fernverkehr."),
    ("bahn", "Rund 760 Mio. € Verlust stehen in den Büchern, nach 1,2 Mrd. € zuvor."),
    ("bahn", "Nur 63,4 % der Züge waren pünktlich."),
    ("bahn", "Vorstandschefin Riemann will bis 2027 1.500 km erneuern."),
    ("bahn", "Finanzchef Ahlers streicht 2000 Stellen."),
    ("bahn", "In the first half of 2025 revenue rose 3.4 percent to €13.3 billion."),
    ("freight", "Net debt stands at 64 million dollars."),
    ("freight", "Of the 28 ships, 23 are its own and 5 are chartered; the difference matters."),
    ("freight", "The crossing from Callao to Busan takes 27 days."),
    ("freight", "Fuel cost $31.5m, 8 per cent less."),
    ("freight", "Fourth-quarter revenue is expected at $205–215 million."),
    ("freight", "Marta Quiroga leads the company as CEO."),
    ("freight", "The storm hit on 14 August and closed Valparaíso for eleven days."),
    ("freight", "Shareholders get a dividend of $0.45, paid on 5 Dec 2025."),
]

ALTERED: list[tuple[str, str, str]] = [
    ("clinic", "The new heart centre took 13 months to build.", "13 months"),
    ("clinic", "The building cost €84.6 million.", "€84.6 million"),
    ("clinic", "The Health Service paid €66 million.", "€66 million"),
    ("clinic", "The centre has 46 beds.", "46"),
    ("clinic", "It has eight operating theatres.", "eight"),
    ("clinic", "Professor Aoife Byrne heads the centre.", "Aoife Byrne"),
    ("clinic", "Brennan came from Leicester.", "Leicester"),
    ("clinic", "Moore expects 5,900 patients.", "5,900"),
    ("clinic", "The old ward dates from 1947.", "1947"),
    ("clinic", "The rehabilitation clinic costs another €5.7 million.", "€5.7 million"),
    ("clinic", "Visitors can see the centre on 22 February.", "22 February"),
    ("clinic", "Doors close at 5 pm.", "5 pm"),
    ("clinic", '"We can now treat a heart attack within half an hour of the first call," she said.', "half an hour"),
    ("software", "Reports open in 1.9 seconds.", "1.9 seconds"),
    ("software", "Memory use fell to 130 MB.", "130 MB"),
    ("software", "Imports handle files of up to 2 TB.", "2 TB"),
    ("software", "The Team plan costs $94 a month.", "$94"),
    ("software", "The trial lasts 60 days.", "60 days"),
    ("software", "Yearly payment saves 50 percent.", "50 percent"),
    ("software", "Kestrel Labs tested the product.", "Kestrel Labs"),
    ("software", "The flaws were fixed in version 3.1.5.", "3.1.5"),
    ("software", "Backups are kept for 53 days.", "53 days"),
    ("software", "Data is kept in Berlin.", "Berlin"),
    ("software", "The release was led by Nadja Hosseini.", "Nadja Hosseini"),
    ("software", "Call support at +353 1 555 0124.", "+353 1 555 0124"),
    ("verein", "Der Verein hat 421 Mitglieder.", "421"),
    ("verein", "Das Durchschnittsalter sank auf 45 Jahre.", "45 Jahre"),
    ("verein", "Auf der Warteliste stehen 69 Familien.", "69"),
    ("verein", "Vorsitzende ist Renate Vogt.", "Renate Vogt"),
    ("verein", "Die Einnahmen betrugen 64.150 Euro.", "64.150 Euro"),
    ("verein", "Die Stadt Dresden hat 75.000 Euro bewilligt.", "Dresden"),
    ("verein", "Das Erntefest war am 12. September 2025.", "12. September 2025"),
    ("verein", "Es gab 18 Prozentpunkte mehr Honig.", "18 Prozentpunkte"),
    ("verein", "„Ein Garten ist die schnellste Art, sich zu freuen“, sagte sie.", "schnellste"),
    ("oats", "The company employs 36 people.", "36"),
    ("oats", "Sales rose by 62 percent.", "62 percent"),
    ("oats", "It contains 2.8 g of protein.", "2.8 g"),
    ("oats", "It foams up to 75 °C.", "75 °C"),
    ("oats", "It goes on sale on 13 November 2025.", "13 November 2025"),
    ("oats", "Hannah Whitford founded it.", "Hannah Whitford"),
    ("bahn", "Der Umsatz stieg auf 13,8 Milliarden Euro.", "13,8 Milliarden Euro"),
    ("bahn", "Der Verlust lag bei 670 Millionen Euro.", "670 Millionen Euro"),
    ("bahn", "Pünktlich waren 66,4 Prozent der Züge.", "66,4 Prozent"),
    ("bahn", "Torben Ahlers will 3.000 Stellen streichen.", "3.000"),
    ("freight", "Operating profit was $19.7 million.", "$19.7 million"),
    ("freight", "The route takes 29 days.", "29 days"),
    ("freight", "The crew rescued 21 fishermen.", "21"),
    ("freight", "The dividend is $0.54 a share.", "$0.54"),
    ("freight", "Fuel costs fell 18 percent.", "18 percent"),
]

RECOMBINED: list[tuple[str, str, str]] = [
    ("clinic", "Declan Moore came from Leeds in 2023.", "2023"),
    ("clinic", "The old ward had 64 beds.", "64"),
    ("clinic", "Donors gave €60 million.", "€60 million"),
    ("clinic", "The rehabilitation clinic cost €86.4 million.", "€86.4 million"),
    ("software", "The Solo plan costs $49 a month.", "$49"),
    ("software", "The Team plan has 2 TB of storage.", "2 TB"),
    ("software", "Support answers within four hours.", "four hours"),
    ("software", "Backups are kept for 30 days.", "30 days"),
    ("software", "Nadia Hussain and Kestrel Security found two flaws.", "two"),
    ("verein", "Uwe Brandt ist seit dem 9. März 2024 Vorsitzender.", "9. März 2024"),
    ("verein", "Eine Parzelle kostet 75.000 Euro.", "75.000 Euro"),
    ("verein", "Die Ausgaben betrugen 61.450 Euro.", "61.450 Euro"),
    ("oats", "Tomasz Nowak founded the company in 2014.", "2014"),
    ("oats", "Two cartons cost £1.95.", "£1.95"),
    ("oats", "The mill buys from 63 farms.", "63"),
    ("bahn", "Der Verlust stieg um 3,4 Prozent.", "3,4 Prozent"),
    ("bahn", "Für die Strecken stehen 13,3 Milliarden Euro bereit.", "13,3"),
    ("freight", "Net debt is $17.9 million.", "$17.9 million"),
    ("freight", "Operating profit was $64 million.", "$64 million"),
    ("freight", "The storm cost $31.5 million.", "$31.5 million"),
    ("freight", "The new route began on 14 August.", "14 August"),
    ("freight", "The crew rescued 27 fishermen.", "27"),
]

DRAFTS: dict[str, tuple[str, str]] = {
    "oats": (
        """\
# Creative brief: Saltmarsh oat drink

**Client:** Saltmarsh Foods Ltd
**Deadline:** 2 October 2025

## Background

Saltmarsh Foods was founded in Norwich in 2014 by the sisters Ella and Hannah Whitlock. The company employs 63
people and had sales of £18.4 million in 2024, 26 percent more than the year before. It buys its oats from 41 farms
within 80 km of the mill.

## The product

Saltmarsh Barista is a new oat drink for coffee bars. One litre contains 1.8 g of protein and 120 mg of calcium per
100 ml and no added sugar. It foams up to 65 °C and keeps for nine months unopened, five days once opened. The
carton is made of 92 percent plant-based material.

## Launch

It goes on sale on 3 November 2025 in 1,150 shops of the Greenfields chain, at £1.95 a litre. Until 31 December, two
cartons cost £3.20. The campaign has a budget of £340,000; half of it goes into social media. Tomasz Nowak of the
agency Brightside leads it.

> "Baristas told us that oat milk was either good to drink or good to pour. We wanted both," says Hannah Whitlock.
""",
        """\
# Good to Drink, Good to Pour: Meet Saltmarsh Barista

Coffee bars have waited for this. On November 3, Norwich-based Saltmarsh Foods brings Saltmarsh Barista to 1,150
Greenfields shops. A litre costs £1.95.

## Made Nearby

Ella and Hannah Whitlock started the company eleven years ago, in 2014. Today 63 people work there, and the oats
come from 41 farms no more than 80 kilometres away. Sales grew by 26% to £18.4m last year.

## What's Inside

- 1.8 grams of protein and 120 milligrams of calcium per 100 ml
- No added sugar
- Foams at up to 65 degrees Celsius
- Keeps for 9 months, or five days after opening

The carton is 92% plant-based. "Baristas told us that oat milk was either good to drink or good to pour. We wanted
both," Whitlock explains.

## Try Two

Through the end of December you get two cartons for £3.20. That saves you 70 pence. Call to Action: Find your shop
today!
""",
    ),
    "bahn": (
        """\
Die Bahn AG hat am Montag in Erfurt das Ergebnis des ersten Halbjahres 2025 vorgelegt. Der Umsatz stieg um 3,4
Prozent auf 13,3 Milliarden Euro. Der Verlust sank von 1,2 Mrd. Euro auf 760 Millionen Euro. Im Fernverkehr fuhren
64,7 Millionen Reisende. Pünktlich waren 63,4 Prozent der Züge.

Der Konzern will bis 2027 rund 1.500 Kilometer Strecke erneuern. Dafür stehen 7,6 Milliarden Euro bereit.
Vorstandschefin Claudia Riemann sagte: „Wir bauen so viel wie seit vierzig Jahren nicht mehr.“ Finanzvorstand Torben
Ahlers kündigte an, 2.000 Stellen in der Verwaltung zu streichen. Die Gewerkschaft EVG kritisierte das.
""",
        """\
# Bahn: Weniger Verlust, mehr Umsatz

Die Bahn hat im ersten Halbjahr 2025 ihren Verlust verringert: von 1,2 Milliarden auf 760 Mio. Euro. Das sind 440
Millionen Euro weniger. Der Umsatz wuchs um 3,4 % auf 13,3 Mrd. Euro.

64,7 Mio. Menschen reisten im Fernverkehr. Von den Zügen kamen 63,4 Prozent pünktlich an. Bis 2027 sollen 1500 km
Strecke für 7,6 Mrd. Euro erneuert werden. „Wir bauen so viel wie seit vierzig Jahren nicht mehr“, sagte Claudia
Riemann. Zweitausend Stellen fallen in der Verwaltung weg, kündigte Torben Ahlers an. Die EVG übt Kritik.
""",
    ),
    "freight": (
        """\
# Quarterly review Q3 2025, Orion Freight

Revenue: $212.6 million (Q3 2024: $198.1 million)
Operating profit: $17.9 million
Net debt: $64 million
Ships: 28, of which 5 on charter

The port of Valparaíso closed for eleven days after the storm of 14 August. This cost the group about $3.2 million.
The new route from Callao to Busan began on 1 September with two ships and takes 27 days. CEO Marta Quiroga said
that a third ship will follow in January 2026. Fuel costs fell 8 percent to $31.5 million. The crew of the Orion
Pathfinder rescued 12 fishermen on 22 July.

In the fourth quarter the group expects revenue of $205 million to $215 million. The dividend is $0.45 a share,
payable on 5 December 2025.
""",
        """\
Orion Freight closed the third quarter of 2025 with revenue of $212.6m, up 7.3 percent from $198.1 million a year
earlier. Operating profit came to $17.9 million, a margin of 8.4 percent. The fleet counts 28 ships; five of them
are chartered.

A storm on August 14 shut the port of Valparaíso for 11 days and cost around $3.2 million. Since September 1, two
ships sail from Callao to Busan in 27 days, with a third to join in January. "A third ship will follow", CEO Marta
Quiroga said. Fuel was 8% cheaper at $31.5 million.

For the last quarter, Orion expects between $205 and $215 million. Shareholders receive 45 cents a share on December
5. In July, the Orion Pathfinder saved twelve fishermen.
""",
    ),
}
"""Source and a faithful draft. One figure of "oats" (70 pence) takes two steps to derive, and is flagged."""

SOURCES |= {name: source for name, (source, _) in DRAFTS.items()}
