"""What `make test` leaves to `make test-full`, so that it takes less than 25 minutes on two cores.

Each is one of several that prove nearly the same; one of its kind at least stays in the default run. Whoever changes
what a test is of runs it by name, or `make test-full`.
"""

from __future__ import annotations

from typing import Final

LEFT: Final = frozenset(
    {
        # other pages of people and keys stay
        "e2e/test_access.py::test_keys_devices_and_screens_are_made_once_and_ended",
        "e2e/test_access.py::test_access_speaks_hindi",
        "e2e/test_access.py::test_only_the_keyboard_is_needed",
        "e2e/test_lan.py::test_the_trust_page_can_be_read_by_everybody",
        "e2e/test_lan.py::test_the_clinics_screen_shows_two_codes_that_can_be_scanned",
        # the same journey on a desk stays
        "e2e/test_button_to_signed_note.py::test_a_visit_is_recorded_written_checked_and_signed[phone-13]",
        # flows/test_sample_once.py and `auscult up` in other tests stay
        "e2e/test_sample.py::test_the_sample_shows_how_much_was_heard_and_what_is_better",
        # other ways to look at the same pages stay
        "e2e/test_note_choices.py::test_many_offers_are_folded_until_all_are_asked_for[phone]",
        "e2e/test_note_choices.py::test_offers_and_doubts_are_readable_everywhere[english-phone-dark]",
        "e2e/test_note_choices.py::test_offers_and_doubts_are_readable_everywhere[hindi-desk-dark]",
        "e2e/test_note_choices.py::test_the_next_note_is_laid_out_as_its_recorder_prefers",
        "e2e/test_problems.py::test_a_plan_is_read_problem_by_problem_everywhere[english-phone-dark]",
        "e2e/test_problems.py::test_a_plan_is_read_problem_by_problem_everywhere[hindi-desk-dark]",
        "e2e/test_problems.py::test_an_impression_worded_anew_heads_the_same_orders",
        "e2e/test_problems.py::test_a_label_stays_with_the_sentences_that_are_left_under_it",
        "e2e/test_problems.py::test_the_keyboard_goes_on_at_a_note_that_was_written_again",
        "e2e/test_pages.py::test_every_page_is_accessible[light-phone]",
        "e2e/test_pages.py::test_every_page_is_accessible[dark-desk]",
        "e2e/test_pages.py::test_every_page_speaks_hindi_when_asked[desk]",
        "e2e/test_tabs_and_consent.py::test_the_other_tab_takes_the_stream_over",
        # other kill points of the same kind stay
        "chaos/test_kill_minus_nine.py::test_a_killed_server_finishes_the_job_once_after_its_restart[speakers:after]",
        "chaos/test_kill_minus_nine.py::test_a_killed_server_finishes_the_job_once_after_its_restart[write:during]",
        "chaos/test_rewrite_killed.py::test_a_note_is_as_it_was_or_wholly_rewritten_after_a_kill[stored:before]",
        "chaos/test_worker_takeover.py::test_a_worker_killed_in_mid_job_goes_on_where_it_was_when_it_is_back[postgres]",
        "chaos/test_worker_takeover.py::test_a_worker_that_was_paused_finds_its_job_taken_and_stops",
        "chaos/test_backup_killed.py::test_ctrl_c_ends_a_backup_without_a_trace",
        "chaos/test_backup_killed.py::test_a_full_disk_ends_a_backup_with_a_remedy_and_the_older_one_stays",
        "chaos/test_disk_full.py::test_a_disk_that_fills_up_during_the_work_loses_nothing",
        "chaos/test_worker_takeover.py::test_a_scheduled_job_fires_once_with_two_workers",
        "chaos/test_cluster.py::test_a_worker_killed_in_mid_part_is_replaced_within_30_s",
        # other tests of the same steps stay
        "e2e/test_clinic.py::test_the_doctor_works_by_keyboard_alone",
        "flows/test_early.py::test_words_are_recognised_before_the_last_second_was_recorded[sphinx]",
        "flows/test_command_line.py::test_scribe_prints_the_whole_result_as_json_from_standard_input",
        "unit/test_web_build.py::test_a_bare_checkout_with_an_empty_home_builds_the_app_once",
        "unit/engines/speech/test_parts.py::test_parts_planned_while_people_talk_are_those_planned_at_the_end",
        "unit/engines/writer/test_model_chain.py::test_a_slow_model_is_given_up_and_the_next_one_writes[google]",
        "unit/engines/writer/test_model_chain.py::test_a_slow_model_is_given_up_and_the_next_one_writes[bedrock]",
        "e2e/test_problems.py::test_sentences_of_a_group_are_changed_by_keyboard_and_the_focus_stays_at_hand",
        "e2e/test_problems.py::test_a_new_sentence_is_for_the_problem_that_is_chosen",
        "e2e/test_note_choices.py::test_one_note_is_written_again_in_another_layout_and_loses_no_edit",
        "e2e/test_survival.py::test_a_page_loaded_again_offers_what_it_was_recording",
        "e2e/test_files.py::test_a_dropped_file_is_taken_anywhere_on_the_page",
        "chaos/test_kill_minus_nine.py::test_a_long_recording_is_heard_on_from_the_parts_that_were_kept[part/000001:after]",
        # the other database stays
        "chaos/test_canary.py::test_what_was_said_is_found_nowhere[postgres-raises]",
        "flows/test_backup.py::test_what_is_restored_is_the_clinic_as_of_one_moment_though_many_wrote[postgres]",
        "flows/test_demo.py::test_a_demo_shows_a_clinic_at_work_and_goes_without_anything_else[postgres]",
        "flows/test_erasing.py::test_nothing_readable_is_left_of_an_erased_patient[postgres]",
    }
)
ONE_DATABASE: Final = (
    "flows/test_accounts.py",
    "flows/test_care_team.py",
    "flows/test_patient_search.py",
    "flows/test_patient_upkeep.py",
    "flows/test_slice_races.py",
    "flows/test_waiting.py",
)
"""Files whose tests run on SQLite by default: what differs between the databases, `tests/contracts` pins."""
