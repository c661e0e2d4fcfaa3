"""The rooms of four hospitals that do not exist, with equipment as hospitals have it."""

from dataclasses import dataclass, field

from app.dicom.dialects import (
    CANON_CT, CANON_XA, CURRENT, GE_CT, GE_XA, PHILIPS_CT, PHILIPS_XA, SIEMENS_ARTIS, SIEMENS_CT, Dialect,
)  # fmt: skip


@dataclass(frozen=True)
class Room:
    """One room: its equipment, the words that it reports in, and what its patients get."""

    station: str
    hospital: str
    department: str
    manufacturer: str
    model: str
    software: str
    dialect: Dialect
    does: frozenset[str]  # groups of protocols
    share: float  # of the studies of its kind
    dose: float = 1.0  # relative to other rooms
    improved_by: float = 1.0  # what an update in the middle of the time did to the dose
    traits: frozenset[str] = field(default_factory=frozenset)

    @property
    def serial_number(self) -> str:
        """A number that no other room has."""
        return str(sum(ord(letter) * 31**place for place, letter in enumerate(self.station)) % 900_000 + 100_000)


def _room(station, hospital, department, equipment, dialect, does, share, **more) -> Room:
    manufacturer, model, software = equipment.split(" | ")
    return Room(
        station, hospital, department, manufacturer, model, software, dialect, frozenset(does.split()), share,
        **{name: frozenset(value.split()) if name == "traits" else value for name, value in more.items()},
    )  # fmt: skip


LAKESIDE, NORTHGATE, ST_ANNE, WILLOWS = (
    "Lakeside University Hospital", "Northgate General Hospital", "St. Anne's Children's Hospital", "Willows Clinic",
)  # fmt: skip

CT_ROOMS = (
    _room("CTLAKE1", LAKESIDE, "Radiology", "SIEMENS | SOMATOM Force | syngo CT VB20A", SIEMENS_CT,
          "head body cardiac trauma", 20, dose=0.8, traits="dual modulation_comment"),
    _room("CTLAKE2", LAKESIDE, "Emergency", "SIEMENS | SOMATOM Definition Edge | syngo CT VA48A", SIEMENS_CT,
          "head body trauma", 18, improved_by=0.75, traits="modulation_comment"),
    _room("PETLAKE", LAKESIDE, "Nuclear Medicine", "SIEMENS | Biograph64 | VG60A", SIEMENS_CT, "petct", 8,
          traits="modulation_comment"),
    _room("ctnorth1", NORTHGATE, "Radiology", "GE MEDICAL SYSTEMS | Revolution EVO | revo_ct_21b", GE_CT,
          "head body", 14, dose=1.1, traits="no_localiser_dose"),
    _room("ctnorth2", NORTHGATE, "Radiology", "GE MEDICAL SYSTEMS | Optima CT660 | gmp_vct.42", GE_CT,
          "head body", 10, dose=1.3, improved_by=0.8, traits="no_localiser_dose"),
    _room("NGH-CT3", NORTHGATE, "Oncology", "Philips | Brilliance Big Bore | 4.2", PHILIPS_CT, "planning", 7,
          traits="dose_check"),
    _room("WILLCT", WILLOWS, "Imaging", "CANON | Aquilion Prime SP | V10.6", CANON_CT, "head body", 9, dose=0.95,
          traits="dose_check no_localiser_dose reconstruction"),
    _room("KIDCT", ST_ANNE, "Children's Radiology", "SIEMENS | NAEOTOM Alpha | syngo CT VA50A", CURRENT,
          "child", 4, dose=0.85, traits="dual size_specific event_times"),
)  # fmt: skip

FLUOROSCOPY_ROOMS = (
    _room("CATH1", LAKESIDE, "Cardiology", "Siemens | AXIOM-Artis | VC14J", SIEMENS_ARTIS, "heart", 22, dose=1.2,
          improved_by=0.65, traits="scene_comment"),
    _room("CATH2", LAKESIDE, "Cardiology", "Philips | Azurion | 1.2.0", PHILIPS_XA, "heart", 20, dose=0.8),
    _room("NEURO1", LAKESIDE, "Neuroradiology", "Siemens | ARTIS icono | VE20C", SIEMENS_ARTIS, "brain", 10,
          traits="biplane scene_comment"),
    _room("ANGIO1", NORTHGATE, "Interventional Radiology", "CANON_MEC | DFP-8000D | V9.3", CANON_XA,
          "vessels drainage", 16, dose=1.1),
    _room("HYBRID", NORTHGATE, "Vascular Surgery", "GE Medical Systems | IGS 730 | 6.1", GE_XA, "vessels", 8),
    _room("RFWILL", WILLOWS, "Imaging", "CANON_MEC | Ultimax-i | V5.1", CANON_XA, "bowel", 10, traits="table"),
    _room("CARM3", WILLOWS, "Theatre", "GE Hualun Medical Systems, Co. Ltd | OEC One | 1.1", GE_XA, "theatre", 8,
          traits="mobile"),
    _room("KIDRF", ST_ANNE, "Children's Radiology", "Philips | CombiDiagnost R90 | 1.1", PHILIPS_XA, "child", 5,
          traits="table"),
)  # fmt: skip
