"""The rooms of four hospitals that do not exist, with equipment as hospitals have it."""

from dataclasses import dataclass
from zlib import crc32

from app.dicom import dialects
from app.dicom.dialects import Dialect


@dataclass(frozen=True)
class Room:
    """One room: its equipment, the words that it reports in, and what its patients get."""

    station: str
    hospital: str
    department: str
    equipment: str  # manufacturer, model and software
    dialect: Dialect
    does: str  # groups of protocols
    share: float  # of the studies of its kind
    dose: float = 1.0  # relative to other rooms
    update: float = 1.0  # what an update in the middle of the three years does to the dose
    traits: str = ""  # what it tells otherwise than others do

    @property
    def manufacturer(self) -> str:
        """Who made the equipment."""
        return self.equipment.split(" | ")[0]

    @property
    def model(self) -> str:
        """The model of the equipment."""
        return self.equipment.split(" | ")[1]

    @property
    def software(self) -> str:
        """The version of its software."""
        return self.equipment.split(" | ")[2]

    @property
    def serial_number(self) -> str:
        """A number of its own."""
        return str(crc32(self.station.encode()) % 900_000 + 100_000)

    def has(self, trait: str) -> bool:
        """Whether the room has the trait."""
        return trait in self.traits.split()


LAKESIDE = "Lakeside University Hospital"
NORTHGATE = "Northgate General Hospital"
CHILDREN = "St. Anne's Children's Hospital"
WILLOWS = "Willows Clinic"

CT_ROOMS = (
    Room("CTLAKE1", LAKESIDE, "Radiology", "SIEMENS | SOMATOM Force | syngo CT VB20A", dialects.SIEMENS_CT,
         "head body cardiac trauma", 20, 0.8, traits="dual comment"),
    Room("CTLAKE2", LAKESIDE, "Emergency", "SIEMENS | SOMATOM Definition Edge | syngo CT VA48A", dialects.SIEMENS_CT,
         "head body trauma", 18, update=0.75, traits="comment"),
    Room("PETLAKE", LAKESIDE, "Nuclear Medicine", "SIEMENS | Biograph64 | VG60A", dialects.SIEMENS_CT, "petct", 8,
         traits="comment"),
    Room("ctnorth1", NORTHGATE, "Radiology", "GE MEDICAL SYSTEMS | Revolution EVO | revo_ct_21b", dialects.GE_CT,
         "head body", 14, 1.1, traits="no_localiser_dose"),
    Room("ctnorth2", NORTHGATE, "Radiology", "GE MEDICAL SYSTEMS | Optima CT660 | gmp_vct.42", dialects.GE_CT,
         "head body", 10, 1.3, update=0.8, traits="no_localiser_dose"),
    Room("NGH-CT3", NORTHGATE, "Oncology", "Philips | Brilliance Big Bore | 4.2", dialects.PHILIPS_CT, "planning", 7,
         traits="dose_check"),
    Room("WILLCT", WILLOWS, "Imaging", "CANON | Aquilion Prime SP | V10.6", dialects.CANON_CT, "head body", 9, 0.95,
         traits="dose_check no_localiser_dose reconstruction"),
    Room("KIDCT", CHILDREN, "Children's Radiology", "SIEMENS | NAEOTOM Alpha | syngo CT VA50A", dialects.CURRENT,
         "child", 4, 0.85, traits="dual size_specific event_times"),
)  # fmt: skip

FLUOROSCOPY_ROOMS = (
    Room("CATH1", LAKESIDE, "Cardiology", "Siemens | AXIOM-Artis | VC14J", dialects.SIEMENS_ARTIS, "heart", 22, 1.2,
         update=0.65, traits="comment"),
    Room("CATH2", LAKESIDE, "Cardiology", "Philips | Azurion | 1.2.0", dialects.PHILIPS_XA, "heart", 20, 0.8),
    Room("NEURO1", LAKESIDE, "Neuroradiology", "Siemens | ARTIS icono | VE20C", dialects.SIEMENS_ARTIS, "brain", 10,
         traits="biplane comment"),
    Room("ANGIO1", NORTHGATE, "Interventional Radiology", "CANON_MEC | DFP-8000D | V9.3", dialects.CANON_XA,
         "vessels drainage", 16, 1.1),
    Room("HYBRID", NORTHGATE, "Vascular Surgery", "GE Medical Systems | IGS 730 | 6.1", dialects.GE_XA, "vessels", 8),
    Room("RFWILL", WILLOWS, "Imaging", "CANON_MEC | Ultimax-i | V5.1", dialects.CANON_XA, "bowel", 10,
         traits="table"),
    Room("CARM3", WILLOWS, "Theatre", "GE Hualun Medical Systems, Co. Ltd | OEC One | 1.1", dialects.GE_XA, "theatre",
         8, traits="mobile"),
    Room("KIDRF", CHILDREN, "Children's Radiology", "Philips | CombiDiagnost R90 | 1.1", dialects.PHILIPS_XA, "child",
         5, traits="table"),
)  # fmt: skip

MAMMOGRAPHY_ROOMS = (
    Room("MAMLAKE", LAKESIDE, "Breast Imaging", "HOLOGIC, Inc. | Selenia Dimensions | AWS:1.10.2", dialects.CURRENT,
         "screening clinic", 45),
    Room("MAMNORTH", NORTHGATE, "Radiology", "GE HEALTHCARE | Senographe Pristina | 7.2", dialects.GE_XA,
         "clinic screening", 35, 0.9),
    Room("MAMBUS", WILLOWS, "Screening", "SIEMENS | Mammomat Revelation | VC20", dialects.CURRENT, "screening", 20,
         1.15, update=0.8),
)  # fmt: skip

RADIOGRAPHY_ROOMS = (
    Room("DRLAKE1", LAKESIDE, "Radiology", "Siemens Healthineers | YSIO Max | VF10E", dialects.CURRENT, "any", 40, 0.9),
    Room("DRNORTH1", NORTHGATE, "Radiology", "Canon Inc. | CXDI Control Software NE | 2.18", dialects.CURRENT, "any",
         30, 1.2, update=0.8),
    Room("DRWILL", WILLOWS, "Imaging", "CARESTREAM HEALTH | DRX-Evolution | 5.7", dialects.GE_XA, "any", 20),
    Room("KIDDR", CHILDREN, "Children's Radiology", "Philips | DigitalDiagnost C90 | 1.1", dialects.PHILIPS_XA, "child",
         10, 0.8),
)  # fmt: skip
