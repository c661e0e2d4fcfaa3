"""Parts of a report that repeat and that nobody searches by: each is a list of objects in one column."""

from app.dicom.concept import Concept
from app.dicom.layout import Field, Layout, Part

MEASUREMENT_METHOD = Concept("370129005", "SCT", "Measurement Method")
WATER_EQUIVALENT_DIAMETER = Concept("113980", "DCM", "Water Equivalent Diameter")


def _layout(name: str, tid: str, title: str, claims: Concept, *fields: Field, abreast: bool = False) -> Layout:
    return Layout(name, claims, fields, title=f"{title} (TID {tid})", abreast=abreast)


def _field(name, kind, value, meaning, unit="", scheme="DCM", within=None, many=False, tag=""):
    return Field(name, kind, Concept(value, scheme, meaning), unit=unit, within=within, many=many, tag=tag)


PERSON = _layout(
    "person", "1020", "Person participants", Concept("113870", "DCM", "Person Name"),
    _field("name", "text", "113870", "Person Name"),
    _field("role_in_procedure", "code", "113875", "Person Role in Procedure"),
    _field("identifier", "text", "113871", "Person ID"),
    _field("identifier_issuer", "text", "113872", "Person ID Issuer"),
    _field("organization", "text", "113873", "Organization Name"),
    _field("role_in_organization", "code", "113874", "Person Role in Organization"),
)  # fmt: skip

DEVICE = _layout(
    "device", "1021", "Device participants", Concept("113876", "DCM", "Device Role in Procedure"),
    _field("role", "code", "113876", "Device Role in Procedure"),
    _field("name", "text", "113877", "Device Name"),
    _field("manufacturer", "text", "113878", "Device Manufacturer"),
    _field("model_name", "text", "113879", "Device Model Name"),
    _field("serial_number", "text", "113880", "Device Serial Number"),
    _field("observer_uid", "uid", "121012", "Device Observer UID"),
)  # fmt: skip

CALIBRATION = _layout(
    "calibration", "10002", "Calibration", Concept("122505", "DCM", "Calibration"),
    _field("dose_measurement_device", "code", "113794", "Dose Measurement Device"),
    _field("calibration_date", "moment", "113723", "Calibration DateTime"),
    _field("calibration_factor", "number", "122322", "Calibration Factor", "1"),
    _field("calibration_uncertainty", "number", "113763", "Calibration Uncertainty", "%"),
    _field("responsible_party", "text", "113724", "Calibration Responsible Party"),
    _field("protocol", "text", "113720", "Calibration Protocol"),
)  # fmt: skip

ACCUMULATED_AGD = _layout(
    "accumulated_agd", "10005", "Accumulated average glandular dose",
    Concept("111637", "DCM", "Accumulated Average Glandular Dose"),
    _field("average_glandular_dose", "number", "111637", "Accumulated Average Glandular Dose", "mGy"),
    _field("laterality", "code", "272741003", "Laterality", scheme="SCT"),
)  # fmt: skip

XRAY_FILTER = _layout(
    "xray_filter", "10003B", "X-Ray filters", Concept("113771", "DCM", "X-Ray Filters"),
    _field("type", "code", "113772", "X-Ray Filter Type", tag="FilterType"),
    _field("material", "code", "113757", "X-Ray Filter Material", tag="FilterMaterial"),
    _field("thickness_minimum", "number", "113758", "X-Ray Filter Thickness Minimum", "mm",
           tag="FilterThicknessMinimum"),
    _field("thickness_maximum", "number", "113773", "X-Ray Filter Thickness Maximum", "mm",
           tag="FilterThicknessMaximum"),
    abreast=True,
)  # fmt: skip

SIZE_SPECIFIC_DOSE = _layout(
    "size_specific_dose", "10013", "Size specific dose estimations",
    Concept("113930", "DCM", "Size Specific Dose Estimation"),
    _field("size_specific_dose", "number", "113930", "Size Specific Dose Estimation", "mGy"),
    _field("measurement_method", "code", "370129005", "Measurement Method", scheme="SCT"),
    _field("lateral_dimension", "number", "113931", "Measured Lateral Dimension", "mm", within=MEASUREMENT_METHOD),
    _field("ap_dimension", "number", "113932", "Measured AP Dimension", "mm", within=MEASUREMENT_METHOD),
    _field("effective_diameter", "number", "113933", "Derived Effective Diameter", "mm", within=MEASUREMENT_METHOD),
    _field("water_equivalent_diameter", "number", "113980", "Water Equivalent Diameter", "mm",
           within=MEASUREMENT_METHOD),
    _field("water_equivalent_diameter_method", "code", "370129005", "Measurement Method", scheme="SCT",
           within=WATER_EQUIVALENT_DIAMETER),
    _field("water_equivalent_diameter_location", "number", "113986",
           "Z value of location of Water Equivalent Diameter estimation", "mm", within=WATER_EQUIVALENT_DIAMETER),
    _field("water_equivalent_diameter_images", "uid", "113985",
           "Series or Instance used for Water Equivalent Diameter estimation", within=WATER_EQUIVALENT_DIAMETER,
           many=True),
)  # fmt: skip


def _dose_check(kind: str, container: str, codes: tuple[tuple[str, str, str, str], ...]) -> Layout:
    fields = [_field(name, "number" if unit else "code", value, meaning, unit) for name, value, meaning, unit in codes]
    fields.append(_field("reason_for_proceeding", "text", "113907", "Reason for Proceeding"))
    layout = _layout(f"dose_check_{kind}", "10015", f"Dose check {kind}",
                     Concept(container, "DCM", f"Dose Check {kind.title()} Details"), *fields)  # fmt: skip
    return Layout(layout.name, layout.claims, layout.fields, (Part("persons", PERSON),), layout.title)


DOSE_CHECK_ALERT = _dose_check("alert", "113900", (
    ("dlp_configured", "113901", "DLP Alert Value Configured", ""),
    ("ctdivol_configured", "113902", "CTDIvol Alert Value Configured", ""),
    ("dlp_value", "113903", "DLP Alert Value", "mGy.cm"),
    ("ctdivol_value", "113904", "CTDIvol Alert Value", "mGy"),
    ("dlp_forward_estimate", "113905", "Accumulated DLP Forward Estimate", "mGy.cm"),
    ("ctdivol_forward_estimate", "113906", "Accumulated CTDIvol Forward Estimate", "mGy"),
))  # fmt: skip

DOSE_CHECK_NOTIFICATION = _dose_check("notification", "113908", (
    ("dlp_configured", "113909", "DLP Notification Value Configured", ""),
    ("ctdivol_configured", "113910", "CTDIvol Notification Value Configured", ""),
    ("dlp_value", "113911", "DLP Notification Value", "mGy.cm"),
    ("ctdivol_value", "113912", "CTDIvol Notification Value", "mGy"),
    ("dlp_forward_estimate", "113913", "DLP Forward Estimate", "mGy.cm"),
    ("ctdivol_forward_estimate", "113914", "CTDIvol Forward Estimate", "mGy"),
))  # fmt: skip

DLP_SUB_TOTAL = _layout(
    "dlp_sub_total", "10012", "CT Dose Length Product Sub-Totals",
    Concept("130745", "DCM", "CT Dose Length Product Sub-Total"),
    _field("dlp", "number", "130745", "CT Dose Length Product Sub-Total", "mGy.cm"),
    _field("ctdiw_phantom_type", "code", "113835", "CTDIw Phantom Type"),
)  # fmt: skip

EFFECTIVE_DOSE_CONDITION = _layout(
    "effective_dose_condition", "10012", "Condition Effective Dose measured",
    Concept("113816", "DCM", "Condition Effective Dose measured"),
    _field("phantom_type", "text", "113817", "Effective Dose Phantom Type"),
    _field("dosimeter_type", "text", "113818", "Dosimeter Type"),
)  # fmt: skip

_MASS = Concept("118538004", "SCT", "Mass")
_ORGAN_DOSE = Concept("113518", "DCM", "Organ Dose")

ORGAN_DOSE = _layout(
    "organ_dose", "10023", "Organ doses", Concept("113517", "DCM", "Organ Dose Information"),
    _field("finding_site", "code", "363698007", "Finding Site", scheme="SCT"),
    _field("laterality", "code", "272741003", "Laterality", scheme="SCT"),
    _field("mass", "number", "118538004", "Mass", "g", scheme="SCT"),
    _field("measurement_method", "text", "370129005", "Measurement Method", scheme="SCT", within=_MASS),
    _field("organ_dose", "number", "113518", "Organ Dose", "mGy"),
    _field("reference_authority", "code", "121406", "Reference Authority", within=_ORGAN_DOSE),
    _field("reference_authority_text", "text", "121406", "Reference Authority", within=_ORGAN_DOSE),
)  # fmt: skip

# What measured an activity, and its observers (TID 1002), of which there may be several.
ACTIVITY_MEASUREMENT_DEVICE = _layout(
    "activity_measurement_device", "10022", "Activity measurement device",
    Concept("113540", "DCM", "Activity Measurement Device"),
    _field("device", "code", "113540", "Activity Measurement Device"),
    _field("observer_type", "code", "121005", "Observer Type", many=True),
    _field("observer_uid", "uid", "121012", "Device Observer UID", many=True),
    _field("observer_name", "text", "121013", "Device Observer Name", many=True),
    _field("observer_manufacturer", "text", "121014", "Device Observer Manufacturer", many=True),
    _field("observer_model_name", "text", "121015", "Device Observer Model Name", many=True),
    _field("observer_serial_number", "text", "121016", "Device Observer Serial Number", many=True),
    _field("observer_location", "text", "121017", "Device Observer Physical Location During Observation", many=True),
)  # fmt: skip

GLOMERULAR_FILTRATION_RATE = _layout(
    "glomerular_filtration_rate", "10024", "Glomerular filtration rates",
    Concept("80274001", "SCT", "Glomerular Filtration Rate"),
    _field("rate", "number", "80274001", "Glomerular Filtration Rate", "ml/min{1.73_m2}", scheme="SCT"),
    _field("measurement_method", "code", "370129005", "Measurement Method", scheme="SCT"),
    _field("equivalent_meaning", "code", "121050", "Equivalent Meaning of Concept Name"),
)  # fmt: skip
