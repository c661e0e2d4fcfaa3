"""What a study's totals are, whatever its reports repeat, continue or leave out."""

from app.dicom.concept import Concept
from app.ingest.totals import CT, PROJECTION, Told, differences, totals


def ct(keys, dlp_total):
    """A CT report of these events."""
    return Told(frozenset(keys), [] if dlp_total is None else [{"dlp_total": dlp_total}])


def fluoroscopy(keys, dap, seconds):
    """A fluoroscopy report of these events."""
    return Told(frozenset(keys), [{"dap_total": dap, "dose_rp_total": None, "total_fluoro_time": seconds}])


def ct_events(**dlps):
    """CT events by key, each with a DLP."""
    return {key: {"dlp": dlp, "mean_ctdivol": dlp / 10} for key, dlp in dlps.items()}


def projection_events(**daps):
    """Projection events by key, each with a DAP."""
    return {key: {"dap": dap, "dose_rp": None, "average_glandular_dose": None} for key, dap in daps.items()}


def test_what_the_device_reported_is_shown_and_the_sum_kept_beside_it():
    told = totals(CT, [ct("ab", 110.0)], ct_events(a=50.0, b=50.0))
    assert (told["dlp_total"], told["dlp_event_sum"], told["ctdivol_maximum"]) == (110, 100, 5)


def test_a_cumulative_report_replaces_what_it_repeats_in_whatever_order_they_come():
    reports = [ct("a", 7.46), ct("abc", 236.09), ct("ab", 77.27)]
    assert totals(CT, reports, ct_events(a=7.46, b=69.81, c=158.82))["dlp_total"] == 236.09


def test_of_two_reports_of_the_same_events_the_later_speaks():
    assert totals(CT, [ct("a", 10.0), ct("a", 11.0)], ct_events(a=10.0))["dlp_total"] == 11


def test_reports_of_different_events_are_added_up():
    told = totals(CT, [ct("ab", 60.17), ct("cd", 56.44)], ct_events(a=30, b=30, c=28, d=28))
    assert told["dlp_total"] == 116.61


def test_a_report_without_a_total_counts_with_its_events():
    assert totals(CT, [ct("a", 60.0), ct("b", None)], ct_events(a=59.0, b=40.0))["dlp_total"] == 100


def test_reports_that_overlap_in_part_are_not_added_up():
    reports = [fluoroscopy("ab", 0.3, 60), fluoroscopy("bc", 0.4, 60)]
    told = totals(PROJECTION, reports, projection_events(a=0.1, b=0.2, c=0.2))
    assert told["dap_total"] == 0.5
    assert told["fluoro_time_total"] is None  # nobody can tell which seconds were counted twice


def test_a_report_of_totals_only_counts_beside_one_with_events():
    told = totals(PROJECTION, [fluoroscopy("ab", 0.25, 10), fluoroscopy("", 0.5, 5)], projection_events(a=0.1, b=0.15))
    assert (told["dap_total"], told["fluoro_time_total"]) == (0.75, 15)


def test_of_two_reports_of_totals_only_the_later_speaks():
    assert totals(PROJECTION, [fluoroscopy("", 0.25, 10), fluoroscopy("", 0.5, 15)], {})["dap_total"] == 0.5


def test_without_reports_of_its_kind_a_family_has_no_totals():
    told = totals(PROJECTION, [], {})
    assert [told.pop(name) for name in ("parts", "types", "overlap", "in_totals")] == [[], {}, False, set()]
    assert set(told.values()) == {None}


def test_sums_have_no_crumbs_of_binary_addition():
    assert totals(CT, [], ct_events(a=0.1, b=0.2))["dlp_event_sum"] == 0.3


PLANE_A, PLANE_B, ALL = (Concept(code, "DCM") for code in ("113620", "113621", "113890"))


def test_an_accumulation_for_all_planes_stands_for_those_of_the_planes():
    """Biplane rooms that report Plane A, Plane B and All Planes: the sum of the three is twice the dose."""
    rows = [
        {"acquisition_plane": plane, "dap_total": dap, "total_fluoro_time": seconds}
        for plane, dap, seconds in ((ALL, 0.4, 90.0), (PLANE_A, 0.3, 60.0), (PLANE_B, 0.1, 30.0))
    ]
    told = totals(PROJECTION, [Told(frozenset("ab"), rows)], projection_events(a=0.3, b=0.1))
    assert (told["dap_total"], told["fluoro_time_total"]) == (0.4, 90)
    assert [(part["title"], part["dap_total"]) for part in told["parts"]] == [(str(PLANE_A), 0.3), (str(PLANE_B), 0.1)]


def test_a_total_beside_those_of_each_phantom_is_not_added_to_them():
    head, body = Concept("113690", "DCM"), Concept("113691", "DCM")
    rows = [{"dlp_total": 120.0, "ctdiw_phantom_type": head}, {"dlp_total": 80.0, "ctdiw_phantom_type": body}]
    assert totals(CT, [Told(frozenset("ab"), [*rows, {"dlp_total": 200.0}])], {})["dlp_total"] == 200
    assert totals(CT, [Told(frozenset("ab"), [*rows, {"dlp_total": 50.0}])], {})["dlp_total"] == 250


def test_a_total_that_is_not_what_its_events_add_up_to_is_told_in_units_that_people_use():
    report = Told(frozenset("a"), [{"dap_total": 1e-6, "dose_rp_total": 0.0}])
    summary = totals(PROJECTION, [report], {"a": {"dap": 2e-6, "dose_rp": 0.000035}})
    assert [(problem.path, problem.message, problem.value) for problem in differences(PROJECTION, summary)] == [
        ("DAP total", "is not what its events add up to, 2 cGy.cm2", "1 cGy.cm2"),
        ("Dose (RP) total", "is not what its events add up to, 0.035 mGy", "0 mGy"),
    ]
