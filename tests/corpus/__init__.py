"""One made report for each trouble that structured reports gave hospitals, imported as a hospital would.

The tests say what becomes of it; each names its trouble. By file:

- `test_makers.py`: what one maker's devices do. Several numbers in one (vHP), orientations where none was, units of
  fluoroscopy, rotations, no dose area product, wordings of PixelMed, wrong meanings of right codes, comments in XML,
  a summary instead of a report, two X-ray tubes, private items, wrong device types, missing items, text where codes
  belong, no template, no intent, reports that are not of dose, breast views, tomosynthesis among plain images, other
  structures, persons beside their roles, calibrations without a date, no totals, pulses in arrays.
- `test_values.py`: units that are other, missing or of a wrong scheme; numbers that are empty, text, padded, huge,
  negative, zero, several; codes that are long, empty, retired, of a wrong scheme, without region or with two meanings;
  persons that are several; names in every script; character sets that are mixed, switched or misspelt; attributes
  that nobody knows; comments that attack; sequences without a type; encodings; marks of HTML and of formulas; blanks.
- `test_times.py`: dates that are missing, old in form, cut short, to come; zones; fractions; ages in days to years or
  in nothing; birthdays of nobody; events out of order.
- `test_studies.py`: two planes, no or two accumulations, phantoms mixed or untold, localisers, times in minutes,
  exposures in mAs, pulses and frames not counted, breasts, no event at all, wrong classes, events without UID, test
  patients, two studies at once.
"""
