"""What CT scanners list of their scans in a secondary capture."""

from tests import images
from tests.dicom.test_images import read

SURVIEW = {"AcquisitionType": "CONSTANT_ANGLE", "KVP": "120", "CTDIvol": 0.0, "ScanLength": "700", "SeriesNumber": 1}
SPIRAL = {
    "AcquisitionType": "SPIRAL", "KVP": "120", "CTDIvol": 7.2, "ScanLength": "231", "SeriesNumber": 3,
    "ExposureTime": "6986", "XRayTubeCurrentInuA": "165044.374", "SpiralPitchFactor": 0.83, "SeriesDescription": "ABD",
}  # fmt: skip
SAID = "Series #3 ABD Average CTDIvol=7.2 DLP=196.0\r\nTotal DLP=196.0"


def dose_info(*items, total="", **attributes):
    """A secondary capture with these scans; with their DLP in the private attributes of Philips where they have one."""
    made = [images.filled({name: value for name, value in item.items() if name != "dlp"}) for item in items]
    image = images.dataset(images.CAPTURE, Modality="CT", ExposureDoseSequence=made, **attributes)
    for place, dlp in [(image, total), *zip(made, (item.get("dlp") for item in items), strict=True)]:
        if dlp:
            place.private_block(0x00E1, "ELSCINT1", create=True).add_new(0x21, "DS", dlp)
    return image


def parts(image):
    """The scans and the total as they come out."""
    found = read(image).row.parts
    return [row.as_json() for row in found.get("ct_event", [])], [row.values for row in found.get("ct_accumulated", [])]


def test_each_scan_is_an_event_with_its_source():
    (surview, spiral), (total,) = parts(dose_info(SURVIEW | {"dlp": "0"}, SPIRAL | {"dlp": "196.01"}, total="196.01"))
    assert surview["acquisition_type"]["meaning"] == "Constant Angle Acquisition"
    assert (spiral["mean_ctdivol"], spiral["dlp"], spiral["scanning_length"]) == (7.2, 196.01, 231.0)
    assert spiral["exposure_time"] == 6.986  # s; the attribute is in ms
    assert spiral["ct_source"] == [{"kvp": 120.0, "tube_current": 165.044374}]
    assert (spiral["acquisition_protocol"], spiral["irradiation_event_label"]) == ("ABD", "3")
    assert (surview["dlp"], total["dlp_total"]) == (0.0, 196.01)


def test_the_comment_fills_in_what_no_attribute_has():
    (surview, spiral), (total,) = parts(dose_info(SURVIEW, SPIRAL, CommentsOnRadiationDose=SAID))
    assert ("dlp" in surview, spiral["dlp"], total["dlp_total"]) == (False, 196.0, 196.0)


def test_events_in_the_comment_are_the_scans_in_their_order():
    said = "TotalDLP=300.5\r\nEvent=2 DLP=100.25\r\nEvent=3 DLP=200.25"
    scans, (total,) = parts(dose_info({"KVP": "120"}, {"CTDIvol": 5.0}, {"CTDIvol": 9.0}, CommentsOnRadiationDose=said))
    assert [scan.get("dlp") for scan in scans] == [None, 100.25, 200.25]
    assert total["dlp_total"] == 300.5


def test_events_in_the_comment_may_leave_out_scans_without_a_dose():
    said = "TotalDLP=300.5 Event=1 DLP=100.25 Event=2 DLP=200.25"
    (surview, first, second), _ = parts(dose_info(
        {"CTDIvol": 0.0}, {"CTDIvol": 5.0}, {"CTDIvol": 9.0}, CommentsOnRadiationDose=said,
    ))  # fmt: skip
    assert ("dlp" in surview, first["dlp"], second["dlp"]) == (False, 100.25, 200.25)


def test_a_comment_about_another_number_of_scans_is_kept_as_it_is():
    said = "TotalDLP=300.5 Event=1 DLP=100.25 Event=7 DLP=200.25"
    (only,), (total,) = parts(dose_info({"CTDIvol": 5.0}, CommentsOnRadiationDose=said))
    assert ("dlp" in only, total["comment"]) == (False, said)


def test_a_comment_in_another_language_is_kept_and_not_understood():
    said = "<DoseInfo><DLP unit='mGy*cm'>196</DLP></DoseInfo> Gesamt: viel"
    (only,), (total,) = parts(dose_info({"CTDIvol": 5.0}, CommentsOnRadiationDose=said))
    assert ("dlp" in only, "dlp_total" in total, total["comment"]) == (False, False, said)


def test_no_total_is_made_up_where_none_is_told():
    _, totals = parts(dose_info(SURVIEW, SPIRAL, TotalNumberOfExposures=2))
    assert totals == [{"total_number_of_irradiation_events": 2.0}]


def test_a_comment_alone_gives_the_total():
    scans, (total,) = parts(images.dataset(images.CAPTURE, Modality="CT", CommentsOnRadiationDose=SAID))
    assert (scans, total["dlp_total"], total["comment"]) == ([], 196.0, SAID)


def test_the_private_dlp_of_somebody_else_is_not_one():
    image = dose_info(SPIRAL)
    image.ExposureDoseSequence[0].private_block(0x00E1, "SOMEBODY", create=True).add_new(0x21, "DS", "42")
    assert "dlp" not in parts(image)[0][0]


def test_a_sequence_that_lost_its_type_on_the_way_is_read():
    """Senders that do not know an attribute write unknown for its type."""
    image = dose_info(SPIRAL)
    encoded = images.file(image).getvalue()
    start = encoded.index(b"\x40\x00\x0e\x03SQ")
    assert parts(images.BytesIO(encoded[: start + 4] + b"UN" + encoded[start + 6 :]))[0] != []


def test_what_no_column_takes_of_a_scan_is_unread():
    told = read(dose_info(SPIRAL | {"FilterMaterial": "TEFLON"}, KVP="120"))
    assert told.unread == {
        "KVP (0018,0060)": ["120"],
        "Exposure Dose Sequence › Filter Material (0018,7050)": ["TEFLON"],
    }


def test_a_private_dlp_that_is_no_number_is_unread():
    image = images.with_raw(
        dose_info(SPIRAL), (0x00E10010, "LO", b"ELSCINT1"), (0x00E11021, "DS", b"unknown"),
    )  # fmt: skip
    assert read(image).unread == {"ELSCINT1 DLP (00E1,xx21)": ["unknown"]}
