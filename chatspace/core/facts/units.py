"""Currencies and units: how they are written, their symbols, and how they convert."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from chatspace.core.text.language import word_set

CURRENCY_CODES = word_set(
    """USD EUR GBP CHF JPY CNY INR SEK NOK DKK PLN CZK HUF RON CAD AUD NZD BRL MXN ZAR KRW RUB TRY SGD HKD ILS THB UAH
    AED SAR"""
)

# Code: the ways of writing it, words in lower case.
_CURRENCIES = """
USD: $ US$ dollar dollars us-dollar us-dollars dólar dólares
EUR: € euro euros eur
GBP: £ quid pound-sterling pounds-sterling sterling british-pound british-pounds
CHF: Fr. SFr. franc francs franken schweizer-franken swiss-franc swiss-francs
JPY: ¥ yen 円
CNY: CN¥ RMB yuan renminbi 元
INR: ₹ Rs. Rs rupee rupees
KRW: ₩
RUB: ₽ rouble roubles ruble rubles rubel
TRY: ₺
ILS: ₪ shekel shekels
UAH: ₴ hryvnia
THB: ฿ baht
VND: ₫
PLN: zł zloty zlotys
SEK: kronor
AUD: A$ AU$ australian-dollar australian-dollars
CAD: C$ CA$ canadian-dollar canadian-dollars
NZD: NZ$
SGD: S$
HKD: HK$
BRL: R$
"""

# Symbol | dimension, factor to its base | further symbols, case matters | words, in lower case, "-" for a space
_UNITS = """
m   | length 1       | | metre metres meter meters mètre mètres metros metern
km  | length 1000    | | kilometre kilometres kilometer kilometers kilomètre kilomètres kilómetro kilómetros kilometern
cm  | length 1/100   | | centimetre centimetres centimeter centimeters zentimeter zentimetern
mm  | length 1/1000  | | millimetre millimetres millimeter millimeters
µm  | length 1/1000000 | μm | micrometre micrometres micron microns mikrometer
nm  | length 1/1000000000 | | nanometre nanometres nanometer nanometers
mi  | length 1609344/1000 | | mile miles meile meilen
ft  | length 3048/10000 | | foot feet
in  | length 254/10000 | | inch inches zoll
yd  | length 9144/10000 | | yard yards
m²  | area 1         | m2 sqm qm | square-metre square-metres square-meter square-meters quadratmeter quadratmetern
km² | area 1000000   | km2 | square-kilometre square-kilometres square-kilometer square-kilometers quadratkilometer
cm² | area 1/10000   | cm2 |
ha  | area 10000     | | hectare hectares hektar
ft² | area 9290304/100000000 | ft2 sqft | sq-ft square-foot square-feet
ac  | area 40468564224/10000000 | | acre acres
m³  | volume 1       | m3 cbm | cubic-metre cubic-metres cubic-meter cubic-meters kubikmeter kubikmetern
l   | volume 1/1000  | L | litre litres liter liters litern litro litros
ml  | volume 1/1000000 | mL | millilitre millilitres milliliter milliliters
hl  | volume 1/10    | | hectolitre hectolitres hektoliter
gal | volume 3785411784/1000000000000 | | gallon gallons
kg  | mass 1         | | kilogram kilograms kilogramme kilogrammes kilo kilos kilogramm
g   | mass 1/1000    | | gram grams gramme grammes gramm
mg  | mass 1/1000000 | | milligram milligrams milligramm
µg  | mass 1/1000000000 | μg | microgram micrograms mikrogramm
t   | mass 1000      | | tonne tonnes tonnen metric-ton metric-tons
lb  | mass 45359237/100000000 | lbs |
oz  | mass 28349523125/1000000000000 | | ounce ounces
ton | mass-us 1      | | ton tons
s   | time 1         | sec secs | second seconds sekunde sekunden seconde secondes segundo segundos
ms  | time 1/1000    | | millisecond milliseconds millisekunde millisekunden
min | time 60        | mins Min. | minute minutes minuten minuto minutos
h   | time 3600      | hr hrs Std. | hour hours stunde stunden heure heures hora horas
d   | time 86400     | | day days tag tage tagen jour jours día días
wk  | time 604800    | wks | week weeks woche wochen semaine semaines semana semanas
mo  | months 1       | | month months monat monate monaten mois mes meses
yr  | months 12      | yrs | year years jahr jahre jahren ans année années año años
decade | months 120  | | decades jahrzehnt jahrzehnte jahrzehnten décennie décennies década décadas
W   | power 1        | | watt watts
kW  | power 1000     | | kilowatt kilowatts
MW  | power 1000000  | | megawatt megawatts
GW  | power 1000000000 | | gigawatt gigawatts
Wh  | energy 1       | | watt-hour watt-hours wattstunde wattstunden
kWh | energy 1000    | | kilowatt-hour kilowatt-hours kilowattstunde kilowattstunden
MWh | energy 1000000 | | megawatt-hour megawatt-hours megawattstunde megawattstunden
GWh | energy 1000000000 | | gigawatt-hour gigawatt-hours gigawattstunde gigawattstunden
TWh | energy 1000000000000 | | terawatt-hour terawatt-hours terawattstunde terawattstunden
kWp | peak 1 | |
J   | joule 1        | | joule joules
kJ  | joule 1000     | | kilojoule kilojoules
kcal | calorie 1     | | kilocalorie kilocalories calorie calories kalorie kalorien kilokalorien
V   | voltage 1      | | volt volts
kV  | voltage 1000   | | kilovolt kilovolts
mV  | voltage 1/1000 | | millivolt millivolts
A   | current 1      | | ampere amperes amp amps
mA  | current 1/1000 | | milliampere milliamps
Ah  | charge 1       | | amp-hour amp-hours
mAh | charge 1/1000  | |
Hz  | frequency 1    | | hertz
kHz | frequency 1000 | | kilohertz
MHz | frequency 1000000 | | megahertz
GHz | frequency 1000000000 | | gigahertz
B   | data 1         | | byte bytes
kB  | data 1000      | KB | kilobyte kilobytes
MB  | data 1000000   | | megabyte megabytes
GB  | data 1000000000 | | gigabyte gigabytes
TB  | data 1000000000000 | | terabyte terabytes
PB  | data 1000000000000000 | | petabyte petabytes
KiB | data 1024      | |
MiB | data 1048576   | |
GiB | data 1073741824 | |
TiB | data 1099511627776 | |
Mbit/s | rate 1      | Mbps Mb/s | megabit-per-second megabits-per-second
Gbit/s | rate 1000   | Gbps Gb/s | gigabit-per-second gigabits-per-second
km/h | speed 1/3     | kph | kilometres-per-hour kilometers-per-hour stundenkilometer
mph | speed 44704/83333 | | miles-per-hour
m/s | speed 6/5      | | metres-per-second meters-per-second
m/s² | acceleration 1 | m/s2 |
dB  | decibel 1      | | decibel decibels dezibel
dBA | decibel 1    | dB(A) |
°C  | celsius 1      | °c | degree-celsius degrees-celsius grad-celsius degrees-centigrade
°F  | fahrenheit 1   | | degree-fahrenheit degrees-fahrenheit
K   | kelvin 1       | | kelvin
°   | degree 1       | | degree degrees grad
Pa  | pressure 1     | | pascal
hPa | pressure 100   | |
kPa | pressure 1000  | |
bar | pressure 100000 | | bars
psi | pressure-us 1  | |
lm  | lumen 1        | | lumen lumens
lx  | lux 1          | | lux
rpm | rotation 1     | U/min | revolutions-per-minute
fps | frames 1       | | frames-per-second
px  | pixel 1        | | pixel pixels
dpi | dots 1         | |
MP  | megapixel 1    | | megapixel megapixels
x   | times 1        | × | times fold mal fach fois veces
pp  | points 1       | | percentage-point percentage-points prozentpunkt prozentpunkte prozentpunkten
bp  | points 1/100   | bps | basis-point basis-points basispunkt basispunkte basispunkten
‰   | permille 1     | | per-mille promille
ct  | cents 1        | ¢ | cent cents
"""
PERCENT_WORDS = {"percent", "per cent", "pct", "prozent", "pour cent", "por ciento"}


def _currencies() -> dict[str, str]:
    found = {code: code for code in CURRENCY_CODES}
    for line in _CURRENCIES.strip().splitlines():
        code, _, forms = line.partition(":")
        found |= {form.replace("-", " "): code for form in forms.split()}
    return found


def _units() -> tuple[dict[str, str], dict[str, str], dict[str, tuple[str, Fraction]]]:
    symbols: dict[str, str] = {}
    words: dict[str, str] = {}
    dimensions: dict[str, tuple[str, Fraction]] = {}
    for line in _UNITS.strip().splitlines():
        symbol, base, others, names = (part.strip() for part in line.split("|"))
        dimension, factor = base.split()
        dimensions[symbol] = (dimension, Fraction(factor))
        symbols |= dict.fromkeys([symbol, *others.split()], symbol)
        words |= {name.replace("-", " "): symbol for name in names.split()}
    return symbols, words, dimensions


CURRENCIES: Mapping[str, str] = _currencies()
"""How a currency is written (signs and codes as they are, words in lower case): its ISO 4217 code."""

UNIT_SYMBOLS, UNIT_WORDS, DIMENSIONS = _units()
"""Symbols as written and words in lower case, each to the unit's symbol; a symbol to dimension and factor."""
