"""How families of devices write: the same report in other units, codes and places. All of it met in real reports."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydicom.sr._snomed_dict import mapping as snomed
from pydicom.uid import EnhancedSRStorage, XRayRadiationDoseSRStorage

from app.dicom.concept import Concept

ACQUISITION_PARAMETERS = Concept("113822", "DCM", "CT Acquisition Parameters")
CT_DOSE = Concept("113829", "DCM", "CT Dose")

# What stands between a claim and its items, by layout and item (TID 10013–10015); others stand in the claim itself.
CONTAINERS = {
    ("ct_event", value): container
    for container, values in {
        ACQUISITION_PARAMETERS: (
            "113823", "113824", "113825", "113826", "113827", "113828", "113831", "113893", "113895", "113896",
            "113897", "113898", "113899", "112227",
        ),
        CT_DOSE: ("113830", "113835", "113836", "113837", "113838", "113839", "113900", "113908", "113930"),
    }.items()
    for value in values
}  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """What one family of devices writes otherwise than the current standard does."""

    name: str
    sop_class: str = XRayRadiationDoseSRStorage
    character_set: str = "ISO_IR 192"
    retired_snomed: bool = False  # SRT codes, as the standard had them before 2019
    units: Mapping[str, str] = field(default_factory=dict)  # what it writes, by the unit of the column
    concepts: Mapping[Concept, Concept] = field(default_factory=dict)  # names of items that it writes instead
    coded: Mapping[str, Concept] = field(default_factory=dict)  # texts that it writes as codes
    beside: frozenset[str] = frozenset()  # columns that it writes beside, not below, what they qualify
    silent: frozenset[str] = frozenset()  # columns that it never writes
    containers: Mapping[tuple[str, str], Concept] = field(default_factory=lambda: CONTAINERS)

    def spell(self, concept: Concept) -> Concept:
        """The code as this family writes it."""
        concept = self.concepts.get(concept, concept)
        retired = snomed["SCT"].get(concept.value) if self.retired_snomed and concept.scheme == "SCT" else None
        return Concept(retired, "SRT", concept.meaning) if retired else concept


REFERENCE_POINTS = {"15cm from Isocenter toward Source": Concept("113860", "DCM", "15cm from Isocenter toward Source")}
SUPERSEDED_EXPOSURE_TIME = {Concept("113824", "DCM"): Concept("113735", "DCM", "Exposure Time")}

CURRENT = Dialect("current standard")
SIEMENS_CT = Dialect(
    "Siemens CT",
    character_set="ISO_IR 100",
    retired_snomed=True,
    units={"mGy.cm": "mGycm"},
    containers=CONTAINERS | {("ct_event", "113839"): Concept("220001", "99SHS", "Effective Dose Information")},
)
GE_CT = Dialect(
    "GE CT",
    sop_class=EnhancedSRStorage,
    retired_snomed=True,
    units={"mGy.cm": "mGycm", "{X-Ray sources}": "X-ray sources"},
    silent=frozenset({"intent", "source_of_dose_information", "acquisition_protocol", "procedure_context"}),
)
PHILIPS_CT = Dialect("Philips CT", character_set="ISO_IR 100", retired_snomed=True)
CANON_CT = Dialect(
    "Canon CT",
    retired_snomed=True,
    silent=frozenset({
        "device_observer_name", "device_observer_manufacturer", "device_observer_model_name",
        "device_observer_serial_number", "source_of_dose_information",
    }),
)  # fmt: skip
SIEMENS_ARTIS = Dialect(
    "Siemens Artis",
    retired_snomed=True,
    units={"Gy.m2": "Gym2", "uA.s": "uAs"},
    concepts=SUPERSEDED_EXPOSURE_TIME,
    coded=REFERENCE_POINTS,
    silent=frozenset({"irradiation_duration"}),
)
PHILIPS_XA = Dialect("Philips Azurion", character_set="ISO_IR 100", retired_snomed=True)
CANON_XA = Dialect(
    "Canon Alphenix",
    retired_snomed=True,
    units={"Gy.m2": "dGy.cm2", "Gy": "mGy"},
    coded=REFERENCE_POINTS,
    beside=frozenset({"intent", "scope_study_uid", "patient_orientation_modifier", "number_of_pulses_derivation"}),
    silent=frozenset({"device_observer_uid"}),
)
GE_XA = Dialect(
    "GE fluoroscopy",
    retired_snomed=True,
    units={"uA.s": "uAs", "{pulse}/s": "pulse/s"},
)

AGENT = Concept("349358000", "SCT", "Radiopharmaceutical agent")
SIEMENS_PET = Dialect(
    "Siemens PET",
    retired_snomed=True,
    character_set="ISO_IR 100",
    units={"cm": "m"},
    concepts={AGENT: Concept("F-61FDB", "SRT", "Radiopharmaceutical agent")},
    beside=frozenset({"associated_procedure_intent"}),
    containers=CONTAINERS | {("administration", "113839"): Concept("220001", "99SHS", "Effective Dose Information")},
)

DIALECTS = (CURRENT, SIEMENS_CT, GE_CT, PHILIPS_CT, CANON_CT, SIEMENS_ARTIS, PHILIPS_XA, CANON_XA, GE_XA, SIEMENS_PET)
