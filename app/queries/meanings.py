"""What quantities mean, in a sentence that a newcomer understands; by the standard's name of each."""

MEANINGS = {
    "Mean CTDIvol": "What the scanner put out over the scanned volume, as the dose in a standard phantom. It is no"
    " dose of the patient, and only values for the same phantom can be compared.",
    "CTDIw Phantom Type": "The phantom that CTDIvol and DLP refer to: 16 cm (head) or 32 cm (body). The same scan has"
    " about twice the CTDIvol for the smaller one.",
    "DLP": "CTDIvol times the length that was irradiated.",
    "CT Dose Length Product Total": "The DLP of all events of the report, as the scanner added it up.",
    "Scanning Length": "How far the table travelled with radiation on, or the width of the beam where it stood still.",
    "Exposed Range": "The length of the patient that was irradiated, the ends of a spiral included.",
    "Length of Reconstructable Volume": "The length for which images can be made; shorter than what was irradiated.",
    "Pitch Factor": "How far the table moves in one rotation, by the width of the beam.",
    "Nominal Total Collimation Width": "The width of the beam at the centre, all rows of the detector together.",
    "Nominal Single Collimation Width": "The width of one row of the detector at the centre.",
    "Exposure Time per Rotation": "How long the tube takes to go round once.",
    "CT Acquisition Type": "How the patient was scanned: spiral, axial (sequenced), stationary, or a localizer.",
    "X-Ray Modulation Type": "How the scanner adapted the tube current to the patient.",
    "Size Specific Dose Estimation": "CTDIvol corrected for the size of the patient (AAPM report 204 or 220).",
    "Dose Area Product": "Dose to air times the area of the beam, the same at every distance from the tube.",
    "Dose Area Product Total": "The dose area product of all events of the plane, as the device added it up.",
    "Dose (RP)": "Dose to air at the reference point, without backscatter: for C-arms 15 cm from the isocentre towards"
    " the tube. It is no skin dose, since beams from several directions add up.",
    "Dose (RP) Total": "The dose at the reference point of all events of the plane, as the device added it up.",
    "Reference Point Definition": "Where the dose at the reference point is meant.",
    "Total Fluoro Time": "How long the pedal for fluoroscopy was pressed, pauses between pulses included.",
    "Irradiation Duration": "From the first pulse of the event to the end of the last, pauses between them included.",
    "Exposure Time": "How long there was radiation, pauses between pulses left out.",
    "Irradiation Event Type": "Fluoroscopy, a stationary or stepping acquisition, a rotation.",
    "Acquisition Plane": "Which of the two tubes it was; single plane where there is one.",
    "Acquisition Protocol": "The programme that the operator chose at the device.",
    "Pulse Rate": "Pulses in a second; fewer give less dose and a less smooth picture.",
    "Number of Pulses": "How many pulses the event had.",
    "Pulse Width": "How long each pulse was.",
    "KVP": "The peak voltage of the tube, which decides how much the radiation penetrates.",
    "X-Ray Tube Current": "The current through the tube while there was radiation.",
    "Average X-Ray Tube Current": "The current through the tube, averaged over the event.",
    "Exposure": "Tube current times exposure time: how much radiation the tube made.",
    "Positioner Primary Angle": "Where the detector stood around the patient: to the left (LAO) is positive.",
    "Positioner Secondary Angle": "How far the detector was tilted: towards the head (cranial) is positive.",
    "Distance Source to Detector": "From the focal spot of the tube to the detector.",
    "Distance Source to Isocenter": "From the focal spot of the tube to the point that it turns around.",
    "Distance Source to Reference Point": "From the focal spot of the tube to the point that the dose is meant at.",
    "Collimated Field Area": "The area of the beam at the detector.",
    "Average Glandular Dose": "The mean dose to the glandular tissue of the breast, estimated by the device from"
    " output, half value layer and compressed thickness.",
    "Compression Thickness": "How thick the compressed breast was.",
    "Compression Force": "How hard the breast was compressed.",
    "Half Value Layer": "The aluminium that halves the beam: how hard the radiation is.",
    "Anode Target Material": "The metal that the radiation comes from.",
    "Entrance Exposure at RP": "Dose to air where the beam enters, without backscatter.",
    "Image View": "The projection of the image.",
    "Laterality": "The side of the patient.",
    "Exposure Index": "How much radiation reached the detector (IEC 62494-1); it is no dose of the patient.",
    "Target Exposure Index": "The exposure index that the site or the maker aims at.",
    "Deviation Index": "How far the exposure index is from its target: +1 is about a quarter more, −1 a fifth less.",
    "Target Region": "The part of the body that was meant.",
    "DateTime Started": "When the event began, by the clock of the device.",
    "Irradiation Event UID": "What identifies the event everywhere, whatever repeats it.",
    "Administered activity": "What the patient got, at the time of administration.",
    "Radiopharmaceutical agent": "What was administered.",
    "Radionuclide": "The nuclide of the agent.",
    "Radionuclide Half Life": "After how long half of the nuclide is left.",
    "Effective Dose": "The risk-weighted dose to the whole body; an estimate for a reference person.",
    "Organ Dose": "The estimated dose to one organ.",
    "Accumulated Average Glandular Dose": "The average glandular dose of one breast, all events together.",
}

# What tiles call otherwise.
TILES = {
    "DLP": "CT Dose Length Product Total", "Highest CTDIvol": "Mean CTDIvol", "DAP": "Dose Area Product Total",
    "Dose at RP": "Dose (RP) Total", "Fluoroscopy time": "Total Fluoro Time", "Longest scan": "Scanning Length",
    "Highest AGD": "Average Glandular Dose", "AGD, left breast": "Accumulated Average Glandular Dose",
    "AGD, right breast": "Accumulated Average Glandular Dose", "Thickness": "Compression Thickness",
    "Compression force": "Compression Force", "Exposure index": "Exposure Index",
    "Deviation index": "Deviation Index", "Administered activity": "Administered activity",
    "Effective dose": "Effective Dose",
}  # fmt: skip


def meaning(title: str) -> str:
    """What the quantity means that a tile has this title for."""
    return MEANINGS.get(TILES.get(title, title), "")
