"""Source texts, and sentences about them: faithful paraphrases, altered facts, and facts joined wrongly.

The sentences were written from the sources as an editor or a model would write them, before the check was tried.
"""

from __future__ import annotations

BRIEF = """\
# Brief: launch of the Tern 4 heat pump

Word count: 600
Audience: home owners, 35 to 60

## Product

The Tern 4 is an air-to-water heat pump by Northwind Energy GmbH. It works down to -22 °C and delivers 8.5 kW. At three
metres its noise level is 48 dB(A). The outdoor unit weighs 96 kg and fits through a 75 cm door. The refrigerant is
propane. The warranty runs for 60 months.

## Price

The list price is €4,200, without installation. Installation takes two days and costs between €1,800 and €2,400. The
state subsidy covers 30 percent of the list price. The maintenance plan costs €19 a month.

## Launch

Orders open on 12 March 2026. The first 250 units ship in May 2026 from the plant in Bremen. Maria Lopez, head of
product, presents it at the Hamburg trade fair on 3 April 2026. Tom Reed leads the sales team of 14 people.

> "We wanted a machine that you forget you own," says Maria Lopez.

More at https://northwind.example/tern-4 or by mail to press@northwind.example.
"""

FUNDING = """\
Lisbon, 9 September 2025. Corvo Robotics has raised $42.5 million in a Series B round led by Meridian Ventures. Existing
investors Harbour Capital and Anna Weber joined the round. The company was founded in 2018 by Rui Tavares and Ines
Cardoso and has 187 employees in Lisbon and Porto.

Its robots pick fruit in 23 orchards in six countries. In the 2024 season they picked 3.1 million kilograms of apples,
up from 1.9 million kilograms in 2023. Revenue reached $11.8 million in 2024, and the loss was $4.6 million.

The money will pay for a second plant in Porto with 12,000 square metres, which opens in the fourth quarter of 2026, and
for 90 new jobs. "Orchards don't wait for anyone, so our machines can't either," said Rui Tavares. Cardoso added that
the robots bruise fewer than 2 percent of the fruit, against 5 percent with hand picking.

Meridian Ventures, based in Zurich, manages $1.3 billion. Its partner Priya Raman takes a seat on the board of five.
"""

REPORT = """\
# Annual report 2024 of the Fernhill Library Trust

## Visits

The four branches counted 812,400 visits in 2024, 7 percent more than in 2023. Of these, 310,000 were in Fernhill
Central, 245,000 in Oakside, 157,400 in Millbrook and 100,000 in Eastgate. Opening hours rose from 52 to 58 hours a
week.

## Lending

Readers borrowed 1,204,000 items. E-books made up 22 percent of all loans, after 17 percent the year before. The most
borrowed title was lent 1,930 times. The collection holds 486,000 items.

## Money

| Item | 2023 | 2024 |
|---|---|---|
| City grant | £3,100,000 | £3,250,000 |
| Donations | £240,000 | £310,000 |
| Fees and fines | £95,000 | £61,000 |
| Staff costs | £2,400,000 | £2,540,000 |

The reserve stood at £412,000 on 31 December 2024.

## People

Helen Ashworth became director on 1 June 2024, after Martin Cole had led the trust for eleven years. The trust has 74
employees and 130 volunteers. Ashworth opened the reading garden in Millbrook on 14 September 2024. Cole now chairs the
council of nine members.

## Plans

A fifth branch will open in Northgate in 2027 and cost £5.6 million. "A library is the last room in town where nobody
sells you anything," said Helen Ashworth at the annual meeting.
"""

KIEL = """\
# Pressemitteilung der Stadtwerke Kiel

## Anlage

Die Stadtwerke Kiel nehmen am 15. Oktober 2025 den neuen Wärmespeicher in Betrieb. Er fasst 30.000 Kubikmeter Wasser und
ist 60 Meter hoch. Der Bau kostete 24,5 Mio. Euro und dauerte 26 Monate. Er speichert 1.500 MWh Wärme.

## Nutzen

Der Speicher versorgt rund 73.000 Haushalte. Er senkt den Ausstoß von Kohlendioxid um 18 Prozent oder 42.000 Tonnen im
Jahr. Die Fernwärme wird für die Kunden um 3,5 Prozent billiger. Im Winter reicht die Wärme für acht Stunden.

## Menschen

Das Projekt leitete Dr. Sabine Maier mit einem Team von einundzwanzig Fachleuten. Die Baufirma war die Nordbau GmbH aus
Lübeck. „Wir heizen die Stadt künftig mit dem Wind von gestern“, sagte Sabine Maier. Der Tag der offenen Tür ist am
25. Oktober 2025 von 10 bis 16 Uhr. Aufsichtsratschef Jens Petersen lobte die 140 Beschäftigten.
"""

STUDY = """\
# Remote work survey 2025

The Alder Institute asked 2,340 employees in twelve countries between 3 February and 28 March 2025. The response rate
was 61 percent.

## Findings

On average people worked 2.3 days a week from home, against 1.9 days in 2023. Of the managers, 44 percent said that
their teams got faster, 38 percent saw no change and 18 percent saw them slow down. The median commute took 34 minutes.
People under 30 came to the office on three days, those over 50 on four.

## Costs

Companies saved $2,900 per desk and year. Heating at home cost the employees $310 a year. A quarter of the companies pay
an allowance; it is $45 a month at the median.

## Authors

Dr. Leonie Hartmann designed the survey, and Samuel Okoro analysed the data. "The office has become a place for guests,"
said Hartmann. The full report has 96 pages and is at www.alder.example/remote-2025.
"""

RACE = """\
# Harbour Run 2026

## Course

The Harbour Run takes place in Bergen on Sunday, 17 May 2026. The long course has 21.1 km with 340 metres of climb, the
short one 8 km with 45 metres. The start is at 9:30 at the fish market, and the roads open again at 14:00.

## Entry

The fee is 55 euros for the long course and 25 euros for the short one; after 1 April it rises by 10 euros. There are
3,500 places. Children under 12 run free. Entry closes on 30 April 2026.

## Records

Ingrid Solberg holds the women's record of the long course with 1:14:22, set in 2019. Lars Dahl won the short course in
2024. In 2025, 2,870 runners from 31 countries finished. The oldest was 82 years old.

## Partners

The main sponsor, Fjord Bank, gives 60,000 euros. Each runner's fee includes a donation of 2 euros to Sea Rescue Bergen,
which received 5,740 euros in 2025.
"""

SOURCES = {"brief": BRIEF, "funding": FUNDING, "report": REPORT, "kiel": KIEL, "study": STUDY, "race": RACE}

FAITHFUL: list[tuple[str, str]] = [
    ("brief", "The Tern 4 from Northwind Energy delivers 8.5 kilowatts."),
    ("brief", "Even at minus 22 degrees Celsius the heat pump keeps working."),
    ("brief", "Stand three metres away and you hear just 48 decibels."),
    ("brief", "The unit weighs 96 kilograms, slim enough for a door of 0.75 m."),
    ("brief", "It comes with a five-year warranty."),
    ("brief", "The list price is EUR 4,200 before installation."),
    ("brief", "Installers need 2 days and charge €1,800 to €2,400."),
    ("brief", "Thirty per cent of the list price is covered by the state."),
    ("brief", "You can order from March 12, 2026."),
    ("brief", "Shipping of the first 250 units starts in May 2026 in Bremen."),
    ("brief", "Lopez will present the pump in Hamburg on April 3, 2026."),
    ("brief", "Tom Reed runs a sales team of fourteen."),
    ("brief", "“We wanted a machine that you forget you own,” says Lopez."),
    ("brief", "Details are on northwind.example/tern-4, questions go to press@northwind.example."),
    ("brief", "With installation at its cheapest, the total comes to €6,000."),
    ("brief", "The maintenance plan adds €228 a year, at €19 a month."),
    ("funding", "Corvo Robotics raised US$42.5m in its Series B."),
    ("funding", "Meridian Ventures led the round of 42.5 million dollars."),
    ("funding", "Rui Tavares and Ines Cardoso founded Corvo in 2018."),
    ("funding", "Some 190 people, 187 to be exact, work in Lisbon and Porto."),
    ("funding", "The robots work in twenty-three orchards in 6 countries."),
    ("funding", "They picked 3,100 tonnes of apples in 2024."),
    ("funding", "The harvest rose by 63 percent, from 1.9 to 3.1 million kilograms."),
    ("funding", "Revenue in 2024 was $11,800,000."),
    ("funding", "The new Porto plant measures 12,000 m² and opens in Q4 2026."),
    ("funding", "Ninety jobs will be created."),
    ("funding", 'As Tavares put it: "Orchards don’t wait for anyone, so our machines can’t either."'),
    ("funding", "The robots bruise less than 2% of the fruit; pickers bruise 5%."),
    ("funding", "Zurich-based Meridian Ventures manages 1,300 million dollars."),
    ("funding", "Priya Raman joins the five-member board."),
    ("report", "The branches had 812,400 visitors in 2024."),
    ("report", "More than 800,000 visits were counted, an increase of 7%."),
    ("report", "Fernhill Central alone had 310,000 visits."),
    ("report", "Oakside and Millbrook together had 402,400 visits."),
    ("report", "The libraries are now open 58 hours a week, six more than before."),
    ("report", "Readers took home 1.2 million items."),
    ("report", "E-books rose from 17% to 22% of loans, up 5 percentage points."),
    ("report", "The city grant was £3.25 million in 2024."),
    ("report", "Donations grew by £70,000 to £310,000."),
    ("report", "At the end of December 2024 the reserve was £412,000."),
    ("report", "Helen Ashworth has been director since June 2024."),
    ("report", "Her predecessor Martin Cole led the trust for 11 years."),
    ("report", "A reading garden opened in Millbrook on 14.9.2024."),
    ("report", "The trust counts on 74 employees and 130 volunteers."),
    ("report", "Northgate gets its branch in 2027, for £5.6m."),
    ("report", "“A library is the last room in town where nobody sells you anything,” said Ashworth."),
    ("kiel", "Am 15.10.2025 geht der Wärmespeicher der Stadtwerke Kiel in Betrieb."),
    ("kiel", "Der Speicher fasst 30.000 m³ Wasser."),
    ("kiel", "24,5 Millionen Euro hat der Bau gekostet."),
    ("kiel", "Gebaut wurde 26 Monate lang."),
    ("kiel", "73.000 Haushalte werden versorgt."),
    ("kiel", "Der Ausstoß sinkt um achtzehn Prozent."),
    ("kiel", "Im Team von Sabine Maier arbeiteten 21 Fachleute."),
    ("kiel", "Der 60 m hohe Turm speichert 1,5 GWh."),
    ("kiel", "„Wir heizen die Stadt künftig mit dem Wind von gestern“, so Maier."),
    ("kiel", "The heat store in Kiel cost €24.5 million and holds 30,000 cubic metres."),
    ("kiel", "The open day is on October 25, 2025."),
    ("study", "The Alder Institute surveyed 2,340 people in 12 countries."),
    ("study", "Employees worked from home 2.3 days a week, up from 1.9 in 2023."),
    ("study", "Of managers, 44% saw faster teams and 18% slower ones."),
    ("study", "The survey ran from 3 February to 28 March 2025."),
    ("study", "A desk less saves a company $2,900 a year."),
    ("study", "The median allowance of $45 a month makes $540 a year."),
    ("study", "Leonie Hartmann designed the survey."),
    ("study", "Half of all people commute more than 34 minutes."),
    ("study", "See https://www.alder.example/remote-2025 for all 96 pages."),
    ("race", "Bergen hosts the Harbour Run on 17 May 2026."),
    ("race", "The long course is 21.1 kilometres, with 340 m of climb."),
    ("race", "Runners start at 9:30 am and have until 2 pm."),
    ("race", "The fee for the short course is €25."),
    ("race", "Late entrants to the long course pay 65 euros after April 1, ten more than before."),
    ("race", "Ingrid Solberg ran the record in 2019."),
    ("race", "Fjord Bank contributes €60,000."),
    ("race", "Nearly 2,900 runners from 31 nations finished in 2025."),
    ("race", "Children younger than twelve pay nothing."),
]
"""Source and a sentence whose every fact the source has, is worth, or adds up to."""

ALTERED: list[tuple[str, str, str]] = [
    ("brief", "The Tern 5 from Northwind Energy delivers 8.5 kilowatts.", "Tern 5"),
    ("brief", "The Tern 4 delivers 9.5 kW.", "9.5 kW"),
    ("brief", "It works down to -25 °C.", "-25 °C"),
    ("brief", "At three metres the noise level is 45 dB(A).", "45 dB(A)"),
    ("brief", "The outdoor unit weighs 69 kg.", "69 kg"),
    ("brief", "The warranty runs for six years.", "six years"),
    ("brief", "The list price is €4,900.", "€4,900"),
    ("brief", "The list price is $4,200.", "$4,200"),
    ("brief", "Installation takes three days.", "three days"),
    ("brief", "The subsidy covers 35 percent of the list price.", "35 percent"),
    ("brief", "Orders open on 12 May 2026.", "12 May 2026"),
    ("brief", "Orders open on March 21, 2026.", "March 21, 2026"),
    ("brief", "The first 520 units ship in May 2026.", "520"),
    ("brief", "Maria Gomez presents it in Hamburg.", "Maria Gomez"),
    ("brief", "Tom Reed leads the sales team of 40 people.", "40"),
    ("brief", '"We wanted a machine that you love to own," says Lopez.', '"We wanted a machine that you love to own,"'),
    ("brief", "More at https://northwind.example/tern-5 today.", "https://northwind.example/tern-5"),
    ("brief", "Write to info@northwind.example for more.", "info@northwind.example"),
    ("brief", "The maintenance plan costs €29 a month.", "€29"),
    ("funding", "Corvo Robotics raised $45.2 million.", "$45.2 million"),
    ("funding", "Corvo Robotics has raised $42.5 billion.", "$42.5 billion"),
    ("funding", "Meridian Partners led the round.", "Meridian Partners"),
    ("funding", "Corvo was founded in 2016.", "2016"),
    ("funding", "The founders are Rui Tavares and Ines Carvalho.", "Ines Carvalho"),
    ("funding", "Corvo has 178 employees.", "178"),
    ("funding", "Its robots pick fruit in 32 orchards.", "32"),
    ("funding", "The robots work in eight countries.", "eight"),
    ("funding", "In 2024 they picked 3.7 million kilograms of apples.", "3.7 million kilograms"),
    ("funding", "Revenue reached $18.1 million in 2024.", "$18.1 million"),
    ("funding", "The loss was $6.4 million.", "$6.4 million"),
    ("funding", "The plant opens in the third quarter of 2026.", "third quarter of 2026"),
    ("funding", "The new plant has 12,000 square feet.", "12,000 square feet"),
    ("funding", "The round pays for 900 new jobs.", "900"),
    ("funding", "Robots bruise fewer than 3 percent of the fruit.", "3 percent"),
    ("funding", "Meridian Ventures is based in Geneva.", "Geneva"),
    (
        "funding",
        "“Orchards don't wait for anyone, so our robots can't either,” said Tavares.",
        "“Orchards don't wait for anyone, so our robots can't either,”",
    ),
    ("report", "The four branches counted 821,400 visits.", "821,400"),
    ("report", "Visits rose by 9 percent in 2024.", "9 percent"),
    ("report", "Oakside had 254,000 visits.", "254,000"),
    ("report", "Opening hours rose to 56 hours a week.", "56 hours"),
    ("report", "E-books made up 27 percent of all loans.", "27 percent"),
    ("report", "The collection holds 468,000 items.", "468,000"),
    ("report", "The city grant was £3.52 million in 2024.", "£3.52 million"),
    ("report", "The reserve stood at £421,000.", "£421,000"),
    ("report", "Helen Ashworth became director on 1 July 2024.", "1 July 2024"),
    ("report", "Martin Cole had led the trust for twelve years.", "twelve years"),
    ("report", "Helena Ashford became director in 2024.", "Helena Ashford"),
    ("report", "The trust has 47 employees.", "47"),
    ("report", "The council has seven members.", "seven"),
    ("report", "A fifth branch will open in Northgate in 2028.", "2028"),
    ("report", "The new branch in Northfield will cost £5.6 million.", "Northfield"),
    ("kiel", "Der Speicher fasst 35.000 Kubikmeter Wasser.", "35.000 Kubikmeter"),
    ("kiel", "Der Bau kostete 25,4 Mio. Euro.", "25,4 Mio. Euro"),
    ("kiel", "Am 15. November 2025 geht der Speicher in Betrieb.", "15. November 2025"),
    ("kiel", "Der Ausstoß sinkt um 8 Prozent.", "8 Prozent"),
    ("kiel", "Die Fernwärme wird um 3,5 Prozentpunkte billiger.", "3,5 Prozentpunkte"),
    ("kiel", "Das Projekt leitete Dr. Sabine Meier.", "Sabine Meier"),
    ("kiel", "Das Team hatte einundzwanzig Fachleute, der Bau dauerte 28 Monate.", "28 Monate"),
    ("kiel", "Der Speicher ist 80 Meter hoch.", "80 Meter"),
    ("study", "The institute asked 2,430 employees.", "2,430"),
    ("study", "The response rate was 16 percent.", "16 percent"),
    ("study", "People worked 3.2 days a week from home.", "3.2 days"),
    ("study", "The median commute took 43 minutes.", "43 minutes"),
    ("study", "The median commute took 34 hours.", "34 hours"),
    ("study", "Companies saved $2,900,000 per desk.", "$2,900,000"),
    ("study", "Dr. Leonie Hoffmann designed the survey.", "Leonie Hoffmann"),
    ("study", "The report has 69 pages.", "69"),
    ("race", "The Harbour Run takes place on 18 May 2026.", "18 May 2026"),
    ("race", "The long course has 42.2 km.", "42.2 km"),
    ("race", "The start is at 8:30 at the fish market.", "8:30"),
    ("race", "There are 5,300 places.", "5,300"),
    ("race", "Children under 14 run free.", "14"),
    ("race", "Fjord Bank gives 80,000 euros.", "80,000 euros"),
    ("race", "Astrid Solberg holds the women's record.", "Astrid Solberg"),
    ("race", "In 2025, 2,870 runners from 13 countries finished.", "13"),
]
"""Source, a sentence with one fact that the source contradicts or lacks, and that fact."""

RECOMBINED: list[tuple[str, str, str]] = [
    ("brief", "Tom Reed, head of product, presents the pump at the trade fair on 3 April 2026.", "3 April 2026"),
    ("brief", "The list price is €19 and the warranty is long.", "€19"),
    ("brief", "Orders open on 3 April 2026.", "3 April 2026"),
    ("brief", "The refrigerant circuit weighs 96 kg and comes with a subsidy of 30 percent.", "30 percent"),
    ("funding", "Anna Weber manages $1.3 billion.", "$1.3 billion"),
    ("funding", "Revenue reached $4.6 million, and the loss was $11.8 million.", "$4.6 million"),
    ("funding", "Harbour Capital, based in Zurich, manages $1.3 billion.", "$1.3 billion"),
    ("funding", "Hand picking bruises 2 percent of the fruit.", "2 percent"),
    ("funding", "In 2023 the robots picked 3.1 million kilograms of apples.", "3.1 million kilograms"),
    ("report", "Millbrook counted 245,000 visits.", "245,000"),
    ("report", "Eastgate had 310,000 visits.", "310,000"),
    ("report", "Martin Cole opened the reading garden in Millbrook on 14 September 2024.", "14 September 2024"),
    ("report", "Donations reached £3,250,000 in 2024.", "£3,250,000"),
    ("report", "Martin Cole became director on 1 June 2024.", "1 June 2024"),
    ("report", "The collection of 1,930 items was lent 130 times.", "1,930"),
    ("report", "The trust has 130 employees and 74 volunteers.", "130"),
    ("kiel", "Die Fernwärme wird für die Kunden um 18 Prozent billiger.", "18 Prozent"),
    ("kiel", "Jens Petersen leitete das Projekt mit einundzwanzig Fachleuten.", "einundzwanzig"),
    ("kiel", "Der Tag der offenen Tür ist am 15. Oktober 2025.", "15. Oktober 2025"),
    ("study", "Heating at home cost the employees $2,900 a year.", "$2,900"),
    ("study", "Samuel Okoro asked 2,340 employees.", "2,340"),
    ("study", "Of the managers, 18 percent said that their teams got faster.", "18 percent"),
    ("study", "An allowance of $310 is paid each month.", "$310"),
    ("race", "The short course has 8 km with 340 metres of climb.", "340 metres"),
    ("race", "Lars Dahl holds the record of the long course with 1:14:22.", "1:14:22"),
    ("race", "Entry closes on 17 May 2026.", "17 May 2026"),
    ("race", "Fjord Bank received 5,740 euros in 2025.", "5,740 euros"),
    ("race", "The fee is 60,000 euros for the long course.", "60,000 euros"),
]
"""Source, a sentence whose facts the source has but doesn't join, and one of the facts that stand wrongly."""
