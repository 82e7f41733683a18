"""Who may do what, as a table: every route and every kind of person.

A row is keyed by the Flask endpoint; a note in brackets tells several rows of one endpoint
apart. Its cells are for: nobody, a program, staff of another group, the right staff, a
manager, an administrator. ``in`` means that the route was open (what it then said about the
body or the state is not the question here), a number is the status at the door, ``login`` is
the way to the sign-in page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock_now
from app.access import SYSTEM, TERMINAL
from app.models import (
    Delivery,
    InboundMessage,
    NoContact,
    PartnerCall,
    PhoneCall,
    ProcessDefinition,
    ServiceRequest,
)
from app.routes import RULES
from app.services.accounts import people
from app.services.bulk_sending import mailings
from app.services.sending import answering, channel_settings, no_contact, wsdl_bundles
from app.services.sending.channel_settings import Draft
from app.services.sending.wsdl_bundles import Judged
from tests.app.api import diagrams
from tests.app.api.test_requests import submit
from tests.connectors.wsdls import bundle as wsdl_of_the_partner
from tests.support.application import transaction_of

Api = Callable[[str], FlaskClient]

ACTORS = (None, "partner", "babak", "narges", "maryam", "admin")
CLOSED = (401, 403, 404)


class Row(NamedTuple):
    """One call, and what each actor gets."""

    call: str
    cells: str
    body: Mapping[str, Any] | None = None


OPEN = "in in in in in in"
DESK = "login 403 in in in in"
GROUP = "login 403 404 in in in"
NAMED = "login 403 404 404 in 404"
RECEIVERS = "login 403 403 in in 403"
MANAGERS = "login 403 403 403 in in"
HOUSE = "login 403 403 403 403 in"
PERSON = "login in in in in in"
GONE = "404 404 404 404 404 404"


def sent(cells: str) -> str:
    """The same for a form that is sent: nobody is told 401 on a page, with the way to sign in,
    since a sign-in could not send the form again."""
    return cells.replace("login", "401")


NO_FAULTS = {"process": "none", "element": "x", "code": "x", "count": 1}

PAGES: dict[str, Row] = {
    "health.healthz": Row("GET /healthz", OPEN),
    "health.readyz": Row("GET /readyz", OPEN),
    "web.sign_in": Row("GET /login", OPEN),
    "web.enter": Row("POST /login", OPEN, {}),
    "web.choose_language": Row("POST /language", OPEN, {"language": "en"}),
    "web.inbox": Row("GET /", DESK),
    "web.preview": Row("GET /tasks/{task}/preview", GROUP),
    "web.preview (confidential)": Row("GET /tasks/{secret_task}/preview", NAMED),
    "web.task": Row("GET /tasks/{task}", GROUP),
    "web.task (confidential)": Row("GET /tasks/{secret_task}", NAMED),
    "web.hidden_in_task": Row("POST /tasks/{task}/hidden", sent(GROUP), {}),
    "web.claim_many": Row("POST /tasks/claim", sent(DESK), {}),
    "web.claim": Row("POST /tasks/{task}/claim", sent(GROUP), {}),
    "web.claim (confidential)": Row("POST /tasks/{secret_task}/claim", sent(NAMED), {}),
    "web.save_draft": Row("POST /tasks/{task}/draft", sent(GROUP), {}),
    "web.complete": Row("POST /tasks/{task}/complete", sent(GROUP), {}),
    "web.complete (confidential)": Row("POST /tasks/{secret_task}/complete", sent(NAMED), {}),
    "web.assign": Row("POST /tasks/{task}/assign", sent(GROUP), {"assignee": "omid"}),
    "web.unclaim": Row("POST /tasks/{task}/unclaim", sent(GROUP), {}),
    "web.requests": Row("GET /requests", DESK),
    "web.request_page": Row("GET /requests/{own}", DESK),
    "web.request_page (confidential)": Row("GET /requests/{secret}", NAMED),
    "web.request_diagram": Row("GET /requests/{own}/diagram", DESK),
    "web.request_diagram (confidential)": Row("GET /requests/{secret}/diagram", NAMED),
    "web.say": Row("POST /requests/{own}/messages", sent(DESK), {"mode": "note", "body": "Hello"}),
    "web.new_contact": Row("GET /requests/{own}/contacts/new", DESK),
    "web.new_contact (confidential)": Row("GET /requests/{secret}/contacts/new", NAMED),
    "web.add_contact": Row("POST /requests/{own}/contacts", sent(DESK), {}),
    "web.add_contact (confidential)": Row("POST /requests/{secret}/contacts", sent(NAMED), {}),
    "web.say (confidential)": Row(
        "POST /requests/{secret}/messages", sent(NAMED), {"mode": "note", "body": "Hello"}
    ),
    "web.change_terms": Row("POST /requests/{own}/terms", sent(DESK), {"contract": ""}),
    "web.change_terms (confidential)": Row(
        "POST /requests/{secret}/terms", sent(NAMED), {"contract": ""}
    ),
    "web.attachment": Row("GET /requests/{theirs}/files/{file}", DESK),
    "web.attachment (confidential)": Row("GET /requests/{secret}/files/{secret_file}", NAMED),
    "web.attachment (of another request)": Row(
        "GET /requests/{own}/files/{secret_file}", "login 403 404 404 404 404"
    ),
    "web.new_request": Row("GET /requests/new", DESK),
    "web.new_request (for a confidential customer)": Row(
        "GET /requests/new?customer={secret_customer}", NAMED
    ),
    "web.submit_request": Row("POST /requests/new", sent(DESK), {"service": "complaint"}),
    "web.hidden_in_request": Row("POST /requests/new/hidden", sent(DESK), {"service": "complaint"}),
    "web.link": Row("POST /requests/{own}/links", sent(DESK), {"parent": "{theirs}"}),
    "web.link (confidential)": Row("POST /requests/{secret}/links", sent(NAMED), {"parent": "x"}),
    "web.reopen": Row("POST /requests/{own}/reopen", sent(DESK), {"reason": "x"}),
    "web.reopen (confidential)": Row("POST /requests/{secret}/reopen", sent(NAMED), {}),
    "web.assets": Row("GET /assets", DESK),
    "web.problems": Row("GET /problems", DESK),
    "web.problem": Row("GET /problems/{problem}", DESK),
    "web.change_problem": Row("POST /problems/{problem}", sent(DESK), {"titles_en": "x"}),
    "web.customers": Row("GET /customers", DESK),
    "web.customer": Row("GET /customers/{customer}", DESK),
    "web.customer (confidential)": Row("GET /customers/{secret_customer}", NAMED),
    "web.customer_terms": Row("GET /customers/{customer}/terms", MANAGERS),
    "web.customer_terms (confidential)": Row(
        "GET /customers/{secret_customer}/terms", "login 403 403 403 in 404"
    ),
    "web.place_customer": Row("POST /customers/{customer}/terms", sent(MANAGERS), {}),
    "web.place_customer (confidential)": Row(
        "POST /customers/{secret_customer}/terms", "401 403 403 403 in 404", {}
    ),
    "web.sign_contract": Row("POST /customers/{customer}/contracts", sent(MANAGERS), {}),
    "web.sign_contract (confidential)": Row(
        "POST /customers/{secret_customer}/contracts", "401 403 403 403 in 404", {}
    ),
    "web.branches": Row("GET /branches", MANAGERS),
    "web.keep_branch": Row("POST /branches", sent(MANAGERS), {}),
    "web.processes": Row("GET /processes", DESK),
    "web.definition": Row("GET /processes/{definition}", DESK),
    "web.diagram": Row("GET /processes/{definition}/diagram.bpmn", DESK),
    "web.start": Row("POST /processes/{one_step}/start", sent(HOUSE), {}),
    "web.moves": Row("GET /processes/{one_step}/moves", HOUSE),
    "web.deploy": Row("POST /processes", sent(HOUSE), {}),
    "web.instance": Row("GET /instances/{instance}", DESK),
    "web.instance (confidential)": Row("GET /instances/{secret_instance}", NAMED),
    "hooks.call": Row("POST /hooks/nowhere/not-a-secret", GONE, {}),
    "hooks.sms": Row("POST /hooks/sms/nowhere/not-a-secret", GONE, {}),
    "hooks.sms_by_address": Row("GET /hooks/sms/nowhere/not-a-secret", GONE),
    "web.doubtful": Row("GET /deliveries/doubtful", MANAGERS),
    "web.decide_delivery": Row(
        "POST /deliveries/{sent}/decide", sent(MANAGERS), {"decision": "arrived"}
    ),
    "web.delivery": Row("GET /deliveries/{sent}", MANAGERS),
    "web.correct_unheard": Row("POST /partner-calls/{partner_call}/correct", sent(MANAGERS), {}),
    "web.unheard_calls": Row("GET /partner-calls", MANAGERS),
    "web.unheard_call": Row("GET /partner-calls/{partner_call}", MANAGERS),
    "web.offer_unheard": Row("POST /partner-calls/{partner_call}/offer", sent(MANAGERS), {}),
    "web.drop_unheard": Row("POST /partner-calls/{partner_call}/drop", sent(MANAGERS), {}),
    "web.faults": Row("GET /faults", MANAGERS),
    "web.faults_alike": Row("GET /faults/alike", MANAGERS),
    "web.retry_alike": Row("POST /faults/retry-alike", sent(MANAGERS), {}),
    "web.skip_alike": Row("POST /faults/skip-alike", sent(HOUSE), {}),
    "web.cancel_alike": Row("POST /faults/cancel-alike", sent(HOUSE), {}),
    "web.retry": Row("POST /faults/{fault}/retry", sent(MANAGERS), {}),
    "web.skip": Row("POST /faults/{fault}/skip", sent(HOUSE), {"variables": "["}),
    "web.suspend": Row("POST /instances/{instance}/suspend", sent(HOUSE), {}),
    "web.suspend (confidential)": Row(
        "POST /instances/{secret_instance}/suspend", "401 403 403 403 403 404", {}
    ),
    "web.resume": Row("POST /instances/{instance}/resume", sent(HOUSE), {}),
    "web.cancel": Row("POST /instances/{instance}/cancel", sent(HOUSE), {}),
    "web.change_variables": Row("POST /instances/{instance}/variables", sent(HOUSE), {}),
    "web.change_variables (confidential)": Row(
        "POST /instances/{secret_instance}/variables", "401 403 403 403 403 404", {}
    ),
    "web.move_token": Row("POST /instances/{instance}/move", sent(HOUSE), {"token": "x"}),
    "web.migrate": Row("POST /instances/{instance}/migrate", sent(HOUSE), {"version": "1"}),
    "web.migrate (confidential)": Row(
        "POST /instances/{secret_instance}/migrate", "401 403 403 403 403 404", {"version": "1"}
    ),
    "web.activate": Row("POST /instances/{instance}/activate", sent(DESK), {"element": "x"}),
    "web.activate (confidential)": Row(
        "POST /instances/{secret_instance}/activate", sent(NAMED), {"element": "x"}
    ),
    "web.deliveries": Row("GET /deliveries", HOUSE),
    "web.outbox": Row("GET /outbox", HOUSE),
    "web.letter": Row("GET /outbox/{letter}", HOUSE),
    "web.settings": Row("GET /service-levels", HOUSE),
    "web.setting": Row("GET /service-levels/calendar/iran", HOUSE),
    "web.edit_setting": Row("GET /service-levels/policy/complaint/edit", HOUSE),
    "web.save_setting": Row(
        "POST /service-levels/ladder/notice/edit", sent(HOUSE), {"how": "text"}
    ),
    "web.go_back": Row("POST /service-levels/calendar/iran/back", sent(HOUSE), {"version": "1"}),
    "web.import_closures": Row(
        "POST /service-levels/calendar/iran/closures", sent(HOUSE), {"how": "text"}
    ),
    "web.new_setting": Row("GET /service-levels/ladder/new", HOUSE),
    "web.begin_setting": Row(
        "POST /service-levels/ladder/new", sent(HOUSE), {"key": "quick", "like": "notice"}
    ),
    "web.triage": Row("GET /triage", RECEIVERS),
    "web.drop_quarantined": Row("POST /triage/quarantine/drop", sent(RECEIVERS), {}),
    "web.waiting_calls": Row("GET /triage/calls", RECEIVERS),
    "web.phone_call": Row("GET /triage/calls/{call}", RECEIVERS),
    "web.join_call": Row("POST /triage/calls/{call}/join", sent(RECEIVERS), {"number": "x"}),
    "web.dismiss_call": Row("POST /triage/calls/{call}/dismiss", sent(RECEIVERS), {}),
    "web.no_contact": Row("GET /no-contact", MANAGERS),
    "web.bar_address": Row("POST /no-contact", sent(MANAGERS), {}),
    "web.barred_address": Row("GET /no-contact/{barred}", MANAGERS),
    "web.allow_address": Row("POST /no-contact/{barred}/allow", sent(MANAGERS), {}),
    "web.inbound": Row("GET /triage/{inbound}", RECEIVERS),
    "web.join_inbound": Row("POST /triage/{inbound}/join", sent(RECEIVERS), {"number": "x"}),
    "web.open_inbound": Row(
        "POST /triage/{inbound}/open", sent(RECEIVERS), {"service": "complaint"}
    ),
    "web.drop_inbound": Row("POST /triage/{inbound}/drop", sent(RECEIVERS), {}),
    "web.release_inbound": Row("POST /triage/{inbound}/release", sent(RECEIVERS), {}),
    "web.inbound_formatted": Row("GET /inbound/{inbound}/formatted", "login 403 404 in in 404"),
    "web.letters": Row("GET /letters", HOUSE),
    "web.begin_letter": Row("POST /letters", sent(HOUSE), {"key": "repair-planned"}),
    "web.edit_letter": Row("GET /letters/complaint-closed", HOUSE),
    "web.save_letter": Row("POST /letters/complaint-closed", sent(HOUSE), {"fa": "", "en": ""}),
    "web.reset_letter": Row(
        "POST /letters/complaint-closed/reset", sent(HOUSE), {"language": "fa"}
    ),
    "web.channels": Row("GET /channels", HOUSE),
    "web.new_channel": Row("GET /channels/new?kind=email", HOUSE),
    "web.add_channel": Row("POST /channels/new", sent(HOUSE), {"kind": "email"}),
    "web.channel": Row("GET /channels/post", HOUSE),
    "web.save_channel": Row("POST /channels/post", sent(HOUSE), {}),
    "web.test_channel": Row("POST /channels/post/test", sent(HOUSE), {}),
    "web.close_channel": Row("POST /channels/post/close", sent(HOUSE), {}),
    "web.give_wsdl": Row("POST /channels/service/wsdl", sent(HOUSE), {}),
    "web.kept_wsdl": Row("GET /channels/service/wsdl", HOUSE),
    "web.mailings": Row("GET /mailings", MANAGERS),
    "web.new_mailing": Row("GET /mailings/new", MANAGERS),
    "web.add_mailing": Row("POST /mailings/new", sent(MANAGERS), {}),
    "web.mailing_reach": Row("POST /mailings/reach", sent(MANAGERS), {}),
    "web.mailing": Row("GET /mailings/{mailing}", MANAGERS),
    "web.edit_mailing": Row("GET /mailings/{mailing}/edit", MANAGERS),
    "web.save_mailing": Row("POST /mailings/{mailing}/edit", sent(MANAGERS), {}),
    "web.mailing_progress": Row("GET /mailings/{mailing}/progress", MANAGERS),
    "web.mailing_report": Row("GET /mailings/{mailing}/report.csv", MANAGERS),
    "web.try_mailing": Row("POST /mailings/{mailing}/trial", sent(MANAGERS), {}),
    "web.release_mailing": Row("POST /mailings/{mailing}/release", sent(MANAGERS), {}),
    "web.recall_mailing": Row("POST /mailings/{mailing}/recall", sent(MANAGERS), {}),
    "web.stop_mailing": Row("POST /mailings/{mailing}/stop", sent(MANAGERS), {}),
    "web.resume_mailing": Row("POST /mailings/{mailing}/resume", sent(MANAGERS), {}),
    "web.cancel_mailing": Row("POST /mailings/{mailing}/cancel", sent(MANAGERS), {}),
    "web.element_template": Row("GET /element-templates/email.json", HOUSE),
    "web.element_templates": Row("GET /element-templates.json", HOUSE),
    "web.users": Row("GET /users", HOUSE),
    "web.add_user": Row("POST /users", sent(HOUSE), {}),
    "web.user": Row("GET /users/reza", HOUSE),
    "web.change_user": Row(
        "POST /users/reza", sent(HOUSE), {"roles": ["staff"], "groups": ["complaints"]}
    ),
    "web.reach_user": Row("POST /users/reza/reach", sent(HOUSE)),
    "web.account": Row("GET /account", PERSON),
    "web.save_account": Row("POST /account", sent(PERSON), {"language": "en", "theme": "dark"}),
    "web.own_absences": Row("GET /account/absences", DESK),
    "web.save_absence": Row("POST /account/absences", sent(DESK), {"substitute": "omid"}),
    "web.end_absence": Row(
        "POST /account/absences/999999/end", sent("login 403 404 404 404 404"), {}
    ),
    "web.change_password": Row("POST /account/password", sent(PERSON), {"old": "wrong"}),
    "portal.home": Row("GET /portal", OPEN),
    "portal.find": Row("GET /portal/track?code={code}", OPEN),
    "portal.new_request": Row("GET /portal/services/complaint", OPEN),
    "portal.submit": Row("POST /portal/services/complaint", OPEN, {}),
    "portal.hidden": Row("POST /portal/services/complaint/hidden", OPEN, {}),
    "portal.received": Row("GET /portal/received/{code}", OPEN),
    "portal.received (by the number)": Row("GET /portal/received/{theirs}", GONE),
    "portal.track": Row("GET /portal/track/{code}", OPEN),
    "portal.send_message": Row("POST /portal/track/{code}/messages", OPEN, {"body": "Hello"}),
    "portal.answer": Row("POST /portal/track/{code}/answer", OPEN, {"answer": "accept"}),
    "portal.survey": Row("GET /portal/track/{code}/survey", OPEN),
    "portal.answer_survey": Row("POST /portal/track/{code}/survey", OPEN, {"survey_score": "5"}),
    "portal.reopen": Row("POST /portal/track/{code}/reopen", OPEN, {"reason": "x"}),
    "portal.back_from_reopening": Row("GET /portal/track/{code}/reopen", OPEN),
    "portal.file": Row("GET /portal/track/{code}/files/{file}", OPEN),
    "portal.file (of another request)": Row("GET /portal/track/{code}/files/{secret_file}", GONE),
    "portal.back_from_message": Row("GET /portal/track/{code}/messages", OPEN),
    "portal.back_from_answer": Row("GET /portal/track/{code}/answer", OPEN),
    "portal.back_from_withdrawal": Row("GET /portal/track/{code}/withdraw", OPEN),
    "portal.unsubscribe": Row("GET /portal/unsubscribe/{unsubscribe}", OPEN),
    "portal.end_mailings": Row("POST /portal/unsubscribe/{unsubscribe}", OPEN, {}),
    "portal.nowhere": Row("GET /portal/elsewhere/still", GONE),
}
INTERFACE: dict[str, Row] = {
    "api-docs.openapi_json": Row("GET /api/v1/openapi.json", "in in in in in in"),
    "reference.show_problem": Row("GET /api/v1/problems/conflict", "in in in in in in"),
    "requests.submit_request": Row("POST /api/v1/requests", "401 in in in in in", {}),
    "requests.list_requests": Row("GET /api/v1/requests", "401 in in in in in"),
    "requests.show_request": Row("GET /api/v1/requests/{own}", "401 in in in in in"),
    "requests.show_request (another's)": Row(
        "GET /api/v1/requests/{theirs}", "401 404 in in in in"
    ),
    "requests.show_request (confidential)": Row(
        "GET /api/v1/requests/{secret}", "401 404 404 404 in 404"
    ),
    "requests.list_promises": Row("GET /api/v1/requests/{own}/promises", "401 in in in in in"),
    "requests.list_history": Row("GET /api/v1/requests/{own}/history", "401 in in in in in"),
    "requests.list_history (confidential)": Row(
        "GET /api/v1/requests/{secret}/history", "401 404 404 404 in 404"
    ),
    "requests.list_messages": Row("GET /api/v1/requests/{own}/messages", "401 in in in in in"),
    "requests.send_message": Row(
        "POST /api/v1/requests/{own}/messages", "401 in in in in in", {"body": "Hello"}
    ),
    "requests.send_message (a note)": Row(
        "POST /api/v1/requests/{own}/messages",
        "401 403 in in in in",
        {"body": "Hello", "direction": "internal"},
    ),
    "requests.send_message (confidential)": Row(
        "POST /api/v1/requests/{secret}/messages", "401 404 404 404 in 404", {"body": "Hello"}
    ),
    "requests.answer_decision": Row(
        "POST /api/v1/requests/{own}/answer", "401 in 403 403 403 403", {"answer": "accept"}
    ),
    "requests.answer_decision (another's)": Row(
        "POST /api/v1/requests/{theirs}/answer", "401 404 403 403 403 403", {"answer": "accept"}
    ),
    "requests.add_attachments": Row(
        "POST /api/v1/requests/{own}/attachments", "401 in in in in in"
    ),
    "requests.list_attachments": Row(
        "GET /api/v1/requests/{own}/attachments", "401 in in in in in"
    ),
    "requests.list_attachments (confidential)": Row(
        "GET /api/v1/requests/{secret}/attachments", "401 404 404 404 in 404"
    ),
    "requests.download_attachment": Row(
        "GET /api/v1/requests/{theirs}/attachments/{file}", "401 404 in in in in"
    ),
    "requests.reopen_request": Row(
        "POST /api/v1/requests/{own}/reopen", "401 in in in in in", {"reason": "x"}
    ),
    "requests.reopen_request (another's)": Row(
        "POST /api/v1/requests/{theirs}/reopen", "401 404 in in in in", {"reason": "x"}
    ),
    "links.list_links": Row("GET /api/v1/requests/{own}/links", "401 in in in in in"),
    "links.list_links (confidential)": Row(
        "GET /api/v1/requests/{secret}/links", "401 404 404 404 in 404"
    ),
    "links.add_link": Row(
        "POST /api/v1/requests/{own}/links", "401 403 in in in in", {"parent": "R-000002"}
    ),
    "links.add_link (to a confidential one)": Row(
        "POST /api/v1/requests/{own}/links", "401 403 404 404 in 404", {"parent": "R-000003"}
    ),
    "assets.list_assets": Row("GET /api/v1/assets", "401 403 in in in in"),
    "assets.show_asset": Row("GET /api/v1/assets/{asset}", "401 403 in in in in"),
    "assets.add_asset": Row("POST /api/v1/assets", "401 403 403 403 in in", {}),
    "problems.list_problems": Row("GET /api/v1/problem-records", "401 403 in in in in"),
    "problems.show_problem": Row("GET /api/v1/problem-records/{problem}", "401 403 in in in in"),
    "problems.create_problem": Row("POST /api/v1/problem-records", "401 403 in in in in", {}),
    "problems.update_problem": Row(
        "PUT /api/v1/problem-records/{problem}", "401 403 in in in in", {}
    ),
    "tasks.list_tasks": Row("GET /api/v1/tasks", "401 403 in in in in"),
    "tasks.show_task": Row("GET /api/v1/tasks/{task}", "401 403 404 in in in"),
    "tasks.claim_task": Row("POST /api/v1/tasks/{task}/claim", "401 403 404 in in in"),
    "tasks.save_draft": Row("PUT /api/v1/tasks/{task}/draft", "401 403 404 in in in", {}),
    "tasks.assign_task": Row(
        "POST /api/v1/tasks/{task}/assign", "401 403 404 in in in", {"assignee": "omid"}
    ),
    "tasks.unclaim_task": Row("POST /api/v1/tasks/{task}/unclaim", "401 403 404 in in in"),
    "tasks.complete_task": Row("POST /api/v1/tasks/{task}/complete", "401 403 404 in in in", {}),
    "processes.deploy_process": Row("POST /api/v1/processes", "401 403 403 403 403 in"),
    "processes.list_processes": Row("GET /api/v1/processes", "401 403 in in in in"),
    "processes.show_process": Row("GET /api/v1/processes/one-step", "401 403 in in in in"),
    "processes.start_instance": Row(
        "POST /api/v1/processes/one-step/instances", "401 403 403 403 403 in", {}
    ),
    "processes.migrate_instances": Row(
        "POST /api/v1/processes/one-step/migrate", "401 403 403 403 403 in", {"version": 1}
    ),
    "instances.show_instance": Row("GET /api/v1/instances/{instance}", "401 403 in in in in"),
    "instances.show_instance (confidential)": Row(
        "GET /api/v1/instances/{secret_instance}", "401 403 404 404 in 404"
    ),
    "instances.list_instance_history": Row(
        "GET /api/v1/instances/{instance}/history", "401 403 in in in in"
    ),
    "instances.list_instance_history (confidential)": Row(
        "GET /api/v1/instances/{secret_instance}/history", "401 403 404 404 in 404"
    ),
    "instances.send_message": Row(
        "POST /api/v1/instances/{instance}/messages",
        "401 403 403 403 403 in",
        {"name": "paid", "correlation": "1"},
    ),
    "messages.publish_message": Row(
        "POST /api/v1/messages", "401 403 403 403 403 in", {"name": "paid", "correlation": "1"}
    ),
    "messages.judge_conditions": Row("POST /api/v1/conditions", "401 403 403 403 403 in", {}),
    "signals.throw_signal": Row(
        "POST /api/v1/signals", "401 in 403 403 403 in", {"name": "branch closed"}
    ),
    "mailings.list_mailings": Row("GET /api/v1/mailings", "401 403 403 403 in in"),
    "mailings.show_mailing": Row("GET /api/v1/mailings/{mailing}", "401 403 403 403 in in"),
    "calls.report_call": Row("POST /api/v1/calls", "401 in in in in in", {}),
    "instances.retry_fault": Row(
        "POST /api/v1/instances/{gate}/faults/{fault}/retry", "401 403 403 403 in in", {}
    ),
    "partner_calls.list_partner_calls": Row("GET /api/v1/partner-calls", "401 403 403 403 in in"),
    "doubtful.list_doubtful": Row("GET /api/v1/doubtful-messages", "401 403 403 403 in in"),
    "doubtful.decide_doubtful": Row(
        "POST /api/v1/doubtful-messages/{sent}/decide",
        "401 403 403 403 in in",
        {"decision": "arrived"},
    ),
    "partner_calls.offer_partner_call": Row(
        "POST /api/v1/partner-calls/{partner_call}/offer", "401 403 403 403 in in"
    ),
    "partner_calls.drop_partner_call": Row(
        "POST /api/v1/partner-calls/{partner_call}/drop", "401 403 403 403 in in", {"reason": "x"}
    ),
    "partner_calls.correct_partner_call": Row(
        "POST /api/v1/partner-calls/{partner_call}/correct",
        "401 403 403 403 in in",
        {"reason": "x"},
    ),
    "faults.list_faults": Row("GET /api/v1/faults", "401 403 403 403 in in"),
    "faults.retry_faults": Row("POST /api/v1/faults/retry", "401 403 403 403 in in", NO_FAULTS),
    "faults.skip_faults": Row("POST /api/v1/faults/skip", "401 403 403 403 403 in", NO_FAULTS),
    "faults.cancel_processes": Row(
        "POST /api/v1/faults/cancel", "401 403 403 403 403 in", {**NO_FAULTS, "reason": "x"}
    ),
    "instances.skip_fault": Row(
        "POST /api/v1/instances/{gate}/faults/{fault}/skip", "401 403 403 403 403 in", {}
    ),
    "instances.activate_element": Row(
        "POST /api/v1/instances/{instance}/elements/x/activate", "401 403 in in in in", {}
    ),
    "instances.activate_element (confidential)": Row(
        "POST /api/v1/instances/{secret_instance}/elements/x/activate",
        "401 403 404 404 in 404",
        {},
    ),
    "instances.list_instances": Row("GET /api/v1/instances", "401 403 in in in in"),
    "instances.suspend_instance": Row(
        "POST /api/v1/instances/{instance}/suspend", "401 403 403 403 403 in", {}
    ),
    "instances.suspend_instance (confidential)": Row(
        "POST /api/v1/instances/{secret_instance}/suspend", "401 403 403 403 403 404", {}
    ),
    "instances.resume_instance": Row(
        "POST /api/v1/instances/{instance}/resume", "401 403 403 403 403 in", {}
    ),
    "instances.change_variables": Row(
        "POST /api/v1/instances/{instance}/variables", "401 403 403 403 403 in", {"variables": {}}
    ),
    "instances.move_token": Row(
        "POST /api/v1/instances/{instance}/move",
        "401 403 403 403 403 in",
        {"token": "nowhere", "to": "nowhere"},
    ),
    "instances.cancel_instance (confidential)": Row(
        "POST /api/v1/instances/{secret_instance}/cancel",
        "401 403 403 403 403 404",
        {"reason": "a test"},
    ),
    "requests.withdraw_request (another's)": Row(
        "POST /api/v1/requests/{theirs}/withdraw", "401 404 403 403 403 403", {}
    ),
    "requests.withdraw_request": Row(
        "POST /api/v1/requests/{own}/withdraw", "401 in 403 403 403 403", {}
    ),
}
LAST: dict[str, Row] = {
    "instances.cancel_instance": Row(
        "POST /api/v1/instances/{gate}/cancel", "401 403 403 403 403 in", {"reason": "a test"}
    ),
    "portal.withdraw": Row("POST /portal/track/{code}/withdraw", OPEN, {}),
    "web.sign_out": Row("POST /logout", "login login login login login login", {}),
}
TABLE = {**PAGES, **INTERFACE, **LAST}
"""In the order in which the calls are made, since the last ones change what the first ones see."""


@pytest.fixture
def world(app: Flask, api: Api, run_jobs: Callable[[], int]) -> dict[str, Any]:
    """One of each: requests of several people, a task for intake, runs, a fault, files."""
    admin = api("admin")
    for source in (diagrams.one_step(), diagrams.narrow_gate()):
        admin.post("/api/v1/processes", data=source, content_type="application/xml")
    own = submit(api("partner")).get_json()["number"]
    theirs = submit(api("sara"), customer=WITH_MAIL).get_json()
    about = {"about": "staff", "confidential": True}
    secret = submit(api("sara"), data=about, customer=IN_CONFIDENCE).get_json()["number"]
    run_jobs()
    gate = admin.post("/api/v1/processes/narrow-gate/instances", json={}).get_json()
    seen = api("maryam").get("/api/v1/tasks").get_json()["items"]
    tasks = {task["request"]: task for task in seen}
    return {
        "own": own,
        "theirs": theirs["number"],
        "code": theirs["tracking_code"],
        "secret": secret,
        "file": _add_file(api("sara"), theirs["number"]),
        "secret_file": _add_file(api("sara"), secret),
        "task": tasks[own]["id"],
        "secret_task": tasks[secret]["id"],
        "instance": tasks[own]["instance"],
        "secret_instance": tasks[secret]["instance"],
        "gate": gate["id"],
        "asset": admin.post("/api/v1/assets", json=AN_ASSET).get_json()["number"],
        "problem": admin.post("/api/v1/problem-records", json=A_PROBLEM).get_json()["number"],
        "fault": gate["faults"][0]["id"],
        **_kept(app, own, secret),
    }


AN_ASSET = {"names": {"en": "Router"}, "service": "network"}
A_PROBLEM = {"titles": {"en": "The router hangs"}}
WITH_MAIL = {"name": "Parisa Moradi", "phone": "0912 345 6789", "email": "parisa@example.com"}
IN_CONFIDENCE = {"name": "Omar Karimi", "phone": "0912 345 6780"}


A_MAILING = mailings.Draft("News", "-", {"en": {"subject": "a", "body": "b"}}, "en")


def _kept(app: Flask, own: str, secret: str) -> dict[str, Any]:
    """What has no address in the interface for programs."""
    with transaction_of(app) as session:
        # Nobody listens at port 1, so that the test of the channel ends at once.
        options = {"host": "127.0.0.1", "port": 1, "sender": "us@example.com"}
        post = channel_settings.save(Draft("post", "email", options=options), SYSTEM, clock_now())
        channel_settings.save(Draft("service", "soap"), SYSTEM, clock_now())
        wsdl_bundles.give("service", Judged(wsdl_of_the_partner(), []), None, SYSTEM, clock_now())
        session.add(_a_message(post.id))
        session.add(_a_call())
        session.add(_a_partner_s_call(post.id))
        no_contact.bar("email", "barred@example.com", "asked", SYSTEM, clock_now())
        session.flush()
        customer = {
            number: session.scalars(select(ServiceRequest.customer_id).filter_by(number=number))
            for number in (own, secret)
        }
        mailing = mailings.save(None, A_MAILING, 0, TERMINAL, clock_now())
        return {
            "mailing": mailing.id,
            "unsubscribe": answering.link_of(answering.TRIED).rpartition("/")[2],
            "customer": customer[own].one(),
            "secret_customer": customer[secret].one(),
            "one_step": session.scalars(
                select(ProcessDefinition.id).filter_by(key="one-step")
            ).first(),
            "definition": session.scalars(select(ProcessDefinition.id)).first(),
            "letter": session.scalars(select(Delivery.reference)).first(),
            "inbound": session.scalars(select(InboundMessage.id)).one(),
            "call": session.scalars(select(PhoneCall.id)).one(),
            "sent": session.scalars(select(Delivery.id)).first(),
            "partner_call": session.scalars(select(PartnerCall.id)).one(),
            "barred": session.scalars(select(NoContact.id)).one(),
        }


def _a_call() -> PhoneCall:
    return PhoneCall(
        reported_by=people.by_login("partner").id, call_id="1", direction="inbound",
        number="+989120000001", started_at=clock_now(), outcome="missed", reported_at=clock_now(),
    )  # fmt: skip


def _a_partner_s_call(channel_id: int) -> PartnerCall:
    return PartnerCall(
        channel_id=channel_id, external_id="1", message="nobody waits", correlation="1", data={},
        state="unheard", attempts=1, received_at=clock_now(),
    )  # fmt: skip


def _a_message(channel_id: int) -> InboundMessage:
    return InboundMessage(
        channel_id=channel_id, external_id="1", medium="email", digest="x", sender="a@example.com",
        sender_name="", recipient="", subject="Hello", body="Hello", html="<p>Hello</p>", why="",
        state="triage", received_at=clock_now(),
    )  # fmt: skip


def _add_file(client: FlaskClient, number: str) -> int:
    made = client.post(f"/api/v1/requests/{number}/attachments", data=_a_file()).get_json()
    return int(made["items"][0]["id"])


def _a_file() -> dict[str, Any]:
    return {"file": (BytesIO(b"a note"), "note.txt")}


def test_the_table_holds(
    app: Flask, api: Api, login: Callable[[str], FlaskClient], world: dict[str, Any]
) -> None:
    """Given one of each, when everybody calls everything, then the table tells what happens."""
    people: dict[tuple[str, str | None], FlaskClient] = {}

    def client(path: str, actor: str | None) -> FlaskClient:
        door = "api" if path.startswith("/api/") else "web"
        if (door, actor) not in people:
            people[door, actor] = _enter(door, actor)
        return people[door, actor]

    def _enter(door: str, actor: str | None) -> FlaskClient:
        if actor is None:
            return app.test_client()
        return api(actor) if door == "api" else login(actor)

    wrong = []
    for name, row in TABLE.items():
        method, path = row.call.format_map(world).split(" ", 1)
        for actor, expected in zip(ACTORS, row.cells.split(), strict=True):
            body: dict[str, Any] = {"json" if path.startswith("/api/") else "data": row.body}
            answer = client(path, actor).open(path, method=method, **body)
            found = _tell(answer.status_code, answer.headers.get("Location", ""))
            if found != expected:
                wrong.append(f"{name}: {actor or 'nobody'} got {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


def _tell(status: int, location: str) -> str:
    if status in (302, 303) and location.startswith("/login"):
        return "login"
    return str(status) if status in CLOSED else "in"


def test_every_route_has_a_rule(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert routes - {"static"} <= set(RULES)


def test_every_rule_has_a_route(app: Flask) -> None:
    assert set(RULES) <= {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_route_is_in_the_table(app: Flask) -> None:
    told = {name.partition(" ")[0] for name in TABLE}
    routes = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert routes == told
