"""What the standard says of header attributes and the header itself does not: units, and where else a value stands."""

# PS3.6 and PS3.3 fix the unit of each attribute; attributes that are not here are bare numbers.
UNITS = {
    attribute: unit
    for unit, attributes in {
        "kV": "KVP",
        "mA": "XRayTubeCurrent XRayTubeCurrentInmA",
        "uA": "XRayTubeCurrentInuA",
        "ms": "ExposureTime ExposureTimeInms AveragePulseWidth FrameAcquisitionDuration FrameTime",
        "us": "ExposureTimeInuS",
        "s": "AcquisitionDuration RevolutionTime RadionuclideHalfLife",
        "mA.s": "Exposure ExposureInmAs",
        "uA.s": "ExposureInuAs",
        "dGy.cm2": "ImageAndFluoroscopyAreaDoseProduct AcquiredImageAreaDoseProduct",
        "dGy": "OrganDose EntranceDose",
        "mGy": "EntranceDoseInmGy CTDIvol",
        "mm": (
            "DistanceSourceToDetector DistanceSourceToPatient DistanceSourceToEntrance DistanceSourceToIsocenter "
            "BodyPartThickness HalfValueLayer FilterThicknessMinimum FilterThicknessMaximum FocalSpots IntensifierSize "
            "FieldOfViewDimensions FieldOfViewDimensionsInFloat TableHeight TableTopVerticalPosition "
            "TableTopLongitudinalPosition TableTopLateralPosition SingleCollimationWidth TotalCollimationWidth "
            "ScanLength GridFocalDistance DistanceSourceToDataCollectionCenter"
        ),
        "mm2": "CompressionContactArea",
        "deg": (
            "PositionerPrimaryAngle PositionerSecondaryAngle PositionerPrimaryAngleIncrement "
            "PositionerSecondaryAngleIncrement DetectorPrimaryAngle DetectorSecondaryAngle ColumnAngulation "
            "PrimaryPositionerScanArc PrimaryPositionerScanStartAngle TableHeadTiltAngle TableCradleTiltAngle "
            "TableHorizontalRotationAngle"
        ),
        "N": "CompressionForce",
        "kPa": "CompressionPressure",
        "%": "EstimatedDoseSaving",
        "MBq": "RadionuclideTotalDose",  # or Bq, see `nuclear`
        "Bq/umol": "RadiopharmaceuticalSpecificActivity",
        "cm3": "RadiopharmaceuticalVolume",
        "ns": "CoincidenceWindowWidth",
        "keV": "EnergyWindowLowerLimit EnergyWindowUpperLimit",
        "m": "PatientSize",
        "kg": "PatientWeight",
    }.items()
    for attribute in attributes.split()
}  # fmt: skip

# Where a value stands, first choice first: A/B is B in an item of the sequence A, A+B are a date and its time.
# The more precise attribute comes first; one that is empty, unreadable or zero gives way to the next.
PLACES = {
    "AccessionNumber": ("AccessionNumber", "RequestAttributesSequence/AccessionNumber"),
    "RequestedProcedureDescription": (
        "RequestedProcedureDescription",
        "RequestAttributesSequence/RequestedProcedureDescription",
        "RequestedProcedureCodeSequence/CodeMeaning",
        "RequestAttributesSequence/RequestedProcedureCodeSequence/CodeMeaning",
    ),
    "PerformedProcedureStepDescription": ("PerformedProcedureStepDescription", "ProcedureCodeSequence/CodeMeaning"),
    "AcquisitionDateTime": (
        "AcquisitionDateTime",
        "FrameAcquisitionDateTime",
        "AcquisitionDate+AcquisitionTime",
        "ContentDate+ContentTime",
    ),
    "XRayTubeCurrent": ("XRayTubeCurrentInuA", "XRayTubeCurrentInmA", "XRayTubeCurrent"),
    "ExposureTime": ("ExposureTimeInuS", "ExposureTimeInms", "ExposureTime"),
    "Exposure": ("ExposureInuAs", "ExposureInmAs", "Exposure"),
    "EntranceDoseInmGy": ("EntranceDoseInmGy", "EntranceDose"),
    "FieldOfViewDimensions": ("FieldOfViewDimensionsInFloat", "FieldOfViewDimensions"),
    "ImageAndFluoroscopyAreaDoseProduct": ("ImageAndFluoroscopyAreaDoseProduct", "AcquiredImageAreaDoseProduct"),
    "ViewCodeSequence": ("ViewCodeSequence", "ViewPosition"),
    "ViewModifierCodeSequence": ("ViewCodeSequence/ViewModifierCodeSequence", "ViewModifierCodeSequence"),
    "ImageLaterality": ("ImageLaterality", "FrameLaterality", "Laterality"),
    "AcquisitionProtocolName": (
        "ProtocolName",
        "AcquisitionProtocolName",
        "PerformedProtocolCodeSequence/CodeMeaning",
        "SeriesDescription",
    ),
    "SeriesDateTime": ("SeriesDate+SeriesTime",),
    "EnergyWindowLowerLimit": (
        "EnergyWindowRangeSequence/EnergyWindowLowerLimit",
        "EnergyWindowInformationSequence/EnergyWindowRangeSequence/EnergyWindowLowerLimit",
    ),
    "EnergyWindowUpperLimit": (
        "EnergyWindowRangeSequence/EnergyWindowUpperLimit",
        "EnergyWindowInformationSequence/EnergyWindowRangeSequence/EnergyWindowUpperLimit",
    ),
}
