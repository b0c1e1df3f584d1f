"""Word lists by which names are told apart: short on purpose, since a name found by rule is only a candidate."""

from __future__ import annotations

from chatspace.core.text.language import word_set

TITLES = word_set(
    """Mr Mrs Ms Miss Dr Prof Professor Sir Dame Lord Lady President Minister Chancellor Mayor Senator Governor Captain
    Judge Justice CEO CFO CTO COO Chairman Chairwoman Director Herr Frau Herrn Mme Mlle Monsieur Madame Señor Señora"""
)
FIRST_NAMES = word_set(
    """Aaron Adam Adrian Agnes Ahmed Aisha Alan Albert Alex Alexander Alexandra Ali Alice Alicia Amanda Amelia Amir Amy
    Ana Anders Andrea Andreas Andrew Angela Anita Anja Ann Anna Anne Anthony Antoine Antonio Arthur Astrid Barbara
    Ben Benjamin Bernard Beth Birgit Brian Bruno Camille Carl Carla Carlos Carmen Caroline Catherine Charles
    Charlotte Chloe Chris Christian Christina Christine Christoph Christopher Claire Clara Claudia Claus Daniel
    Daniela David Deborah Dennis Diana Diego Dirk Dominik Donald Dorothea Edward Elena Eleanor Elias Elisabeth
    Elizabeth Ella Emil Emily Emma Eric Erik Erika Eva Evelyn Fatima Felix Fernando Florian Frances Francesca
    Francis Frank Franz François Friedrich Gabriel Gabriela George Georg Gerhard Giovanni Giulia Grace Greta Guido
    Gustav Hana Hannah Hans Harold Harry Heike Heinrich Helen Helena Helga Helmut Henry Hiroshi Holger Hugo Ian Ines
    Ingrid Irene Isabel Isabella Ivan Jack Jacob Jakob James Jan Jana Jane Jason Javier Jean Jeffrey Jennifer Jens
    Jeremy Jessica Jim Joan Joanna Joe Johann Johanna Johannes John Jonas Jonathan Jorge Josef Joseph José Juan
    Judith Julia Julian Julie Jürgen Kai Karen Karin Karl Kate Katharina Katherine Kathrin Katrin Keith Kenji Kevin
    Klaus Kristin Lars Laura Lea Lena Leon Leonie Lisa Lily Linda Louis Louise Luca Lucas Lucia Lucy Luis Luisa
    Lukas Lydia Maja Manuel Marc Marco Marcus Margaret Maria Marie Mario Marion Mark Markus Marta Martha Martin
    Martina Mary Matthew Matthias Maureen Max Maya Megan Mei Melanie Mia Michael Michel Michelle Miguel Mika Mira
    Miriam Mohammed Monica Monika Moritz Nadia Nadine Natalie Nathan Nicholas Nick Nicola Nicolas Nicole Nils Nina
    Noah Nora Olga Oliver Olivia Oscar Pablo Pamela Patricia Patrick Paul Paula Pedro Peter Petra Philip Philipp
    Pierre Priya Rachel Rafael Rahul Ralf Raymond Rebecca Renate Richard Rita Robert Roberto Robin Roger Roland Rosa
    Rosalind Ruth Ryan Sabine Sam Samantha Samuel Sandra Sara Sarah Sebastian Silke Silvia Simon Simone Sofia Sonja
    Sophia Sophie Stefan Stefanie Stella Stephan Stephanie Stephen Steve Steven Stuart Susan Susanne Sven Sylvia
    Tara Teresa Theo Theresa Thomas Tim Timothy Tobias Tom Tomas Torsten Ulrich Ulrike Ursula Uwe Valentina Vanessa
    Vera Veronica Victor Victoria Viktor Vincent Walter Wei Werner William Wolfgang Yasmin Yuki Yusuf Yvonne Zoe"""
)
PLACES = word_set(
    """Afghanistan Africa Albania Alberta Algeria America Amsterdam Ankara Antwerp Argentina Arizona Asia Athens
    Atlanta Auckland Australia Austria Baden Baltimore Bangalore Bangkok Bangladesh Barcelona Basel Bavaria Bayern
    Beijing Belfast Belgium Belgrade Bergen Berlin Bern Bilbao Birmingham Bochum Bonn Bordeaux Boston Brandenburg
    Brazil Bremen Brighton Bristol Britain Brussels Budapest Bulgaria Cairo Calgary California Cambridge Canada
    Cardiff Chicago Chile China Cologne Colombia Colorado Copenhagen Croatia Cuba Cyprus Dallas Delhi Denmark Denver
    Deutschland Dortmund Dresden Dubai Dublin Düsseldorf Ecuador Edinburgh Egypt England Essen Estonia Ethiopia
    Europa Europe Finland Florence Florida France Frankfurt Frankreich Freiburg Geneva Genoa Georgia Germany Ghana
    Glasgow Gothenburg Graz Greece Hamburg Hannover Hawaii Heidelberg Helsinki Houston Hungary Iceland India
    Indonesia Innsbruck Iran Iraq Ireland Israel Istanbul Italy Jakarta Japan Jena Jordan Karlsruhe Kassel Kenya
    Kiel Kiev Kyiv Kyoto Köln Lagos Latvia Lebanon Leeds Leipzig Lille Lima Linz Lisbon Lithuania Liverpool London
    Luxembourg Lyon Madrid Mainz Malaysia Malta Manchester Manila Mannheim Marseille Melbourne Mexico Miami Milan
    Minnesota Montreal Morocco Moscow Mumbai Munich München Nairobi Naples Netherlands Nevada Newcastle Nice Nigeria
    Norway Nuremberg Nürnberg Ohio Oregon Osaka Oslo Ottawa Oxford Pakistan Palermo Paris Peru Philadelphia
    Philippines Phoenix Poland Porto Portland Portugal Potsdam Prague Quebec Regensburg Rome Romania Rostock
    Rotterdam Russia Salzburg Saxony Schweiz Scotland Seattle Seoul Serbia Seville Shanghai Sheffield Shenzhen
    Singapore Slovakia Slovenia Spain Stockholm Strasbourg Stuttgart Sweden Switzerland Sydney Taiwan Tallinn Tampa
    Tennessee Texas Thailand Tokyo Toronto Toulouse Tunisia Turin Turkey Ukraine Utah Utrecht Valencia Vancouver
    Venice Vermont Vienna Vietnam Virginia Wales Warsaw Washington Wien Wiesbaden Würzburg Zürich Zurich Österreich
    US USA UK EU"""
)
PLACE_HEADS = word_set(
    """Street Road Avenue Square River Lake Island Islands Bay Harbour Harbor Beach Valley Mountain Mountains County
    Province Peninsula Bridge Park Platz Straße See Insel Hafen Gulf Port Isle Coast Kingdom States Republic Zealand
    York Angeles Francisco"""
)
ORGANIZATION_HEADS = word_set(
    """Inc Ltd LLC LLP PLC Corp Corporation Co GmbH AG SE KG KGaA SA SARL SpA BV NV AB Oy Group Holding Holdings
    Company University Universität College School Institute Institut Academy Bank Foundation Stiftung Council
    Ministry Ministerium Department Agency Association Verband Verein Committee Commission Authority Office Board
    Bureau Society Union Trust Partners Airlines Airways Studios Labs Laboratories Hospital Museum Orchestra Press
    Systems Technologies Industries Energy Motors Pharma Software Media Ventures Capital Logistics Werke Stadtwerke
    Party Church Court Parliament Senate Federation Network Cooperative Consortium Observatory"""
)
ACRONYMS_THAT_ARE_NO_NAMES = word_set(
    """API APIs CEO CFO CTO COO PDF HTML CSS JSON XML CSV URL FAQ PR HR IT AI UI UX OK TV PC AM PM ID VAT ROI KPI KPIs
    SEO CRM ERP B2B B2C Q A B C D E I II III IV V VI VII VIII IX X Y Z USD EUR GBP CHF TBD TODO NB PS SLA GB MB KB
    TB KW MW LED GPS USB HDMI DNA RNA CO HTTP HTTPS SQL CPU GPU RAM SSD FTE FTES CTA NDA RFP ETA ASAP DIY FYI EBIT
    EBITDA MWST"""
)
NO_NAMES = word_set(
    """monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag
    sonntag january february march april may june july august september october november december januar februar
    märz mai juni juli oktober dezember lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles
    jueves viernes sábado domingo internet web christmas easter spring summer autumn winter frühling frühjahr sommer
    herbst today yesterday tomorrow meanwhile however therefore moreover finally instead later earlier first second
    third next please thanks yes no figure table section chapter step phase version page part level series day week
    month year quarter note example appendix item line row column question answer option scenario task issue kapitel
    tabelle abbildung abschnitt schritt seite teil tag woche monat jahr title author date audience channel tone
    length deadline keywords language product status summary introduction conclusion overview background action
    call eve"""
)
PEOPLES = word_set(
    """english german french spanish italian european american british swiss austrian chinese japanese indian russian
    dutch polish danish swedish norwegian finnish african asian australian canadian mexican brazilian irish scottish
    welsh"""
)
"""No names by themselves, but they begin one ("European Space Agency")."""
SHORT_NAMES = word_set("US USA UK EU UN UNO WHO NATO NASA ESA IBM BMW SAP")
"""Acronyms that are names, whatever words they look like."""
ROLES = word_set(
    """manager director head chair chairman chairwoman spokesman spokeswoman spokesperson founder co-founder engineer
    editor coach mayor minister president chef author professor doctor analyst researcher scientist curator
    architect leiter leiterin sprecher sprecherin geschäftsführer geschäftsführerin vorsitzende vorsitzender gründer
    gründerin imkerin"""
)
"""What stands before a person's name, or behind it and a comma."""
SPEECH = word_set(
    """said says told added explained announced argued warned wrote noted recalled sagte sagt erklärte erklärt betonte
    betont meinte déclare explique dijo explica"""
)
LEGAL_FORMS = word_set(
    "Inc Inc. Ltd Ltd. LLC LLP PLC plc Corp Corp. Corporation Co Co. GmbH AG SE KG KGaA SA SARL SpA BV NV"
)
"""Left out of a name without making it another."""
_EXONYMS = """
Germany=Deutschland Austria=Österreich Switzerland=Schweiz France=Frankreich Spain=Spanien Italy=Italien
Munich=München Cologne=Köln Vienna=Wien Zurich=Zürich Geneva=Genf Nuremberg=Nürnberg Hanover=Hannover
Brussels=Brüssel Prague=Prag Warsaw=Warschau Rome=Rom Milan=Mailand Venice=Venedig Lisbon=Lissabon Copenhagen=Kopenhagen
Europe=Europa Bavaria=Bayern Saxony=Sachsen Poland=Polen Denmark=Dänemark Sweden=Schweden Norway=Norwegen
"""
EXONYMS = {
    name: other
    for pair in _EXONYMS.split()
    for english, german in [pair.split("=")]
    for name, other in ((english, german), (german, english))
}
"""English names of places to German ones and back."""
