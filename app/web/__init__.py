"""The staff's pages: inbox, tasks, requests, customers, processes, and the house's keeping."""

from __future__ import annotations

from flask import Flask

from app.services.execution import faults
from app.services.sending import customer_ways
from app.web import (
    absences,
    agreed,
    channel_wsdl,
    channels,
    contacts,
    customers,
    discretion,
    doubtful,
    errors,
    inbox,
    keeping,
    letters,
    mailings,
    mending,
    moving,
    new_request,
    no_contact,
    operating,
    phone_calls,
    processes,
    registers,
    requests,
    runs,
    service_levels,
    session,
    setting_words,
    shell,
    tasks,
    triage,
    unheard_calls,
)
from app.web.assets import asset, keep_long
from app.web.blueprint import web
from app.web.hooks import answer_unrouted, hooks

__all__ = ["init_web", "web"]

PAGES = (
    agreed, session, inbox, tasks, requests, new_request, customers, processes, runs,
    operating, mending, moving, discretion, keeping, registers, service_levels, absences,
    channel_wsdl, channels, contacts, triage, phone_calls, unheard_calls, doubtful, no_contact,
    mailings, letters,
)  # fmt: skip
"""The modules whose import adds routes to the blueprint."""


def init_web(app: Flask) -> None:
    """Register the pages, the error pages and what templates know; needs ``init_i18n``."""
    app.register_blueprint(web)
    app.register_blueprint(hooks)
    app.before_request(answer_unrouted)
    app.context_processor(shell.shell_context)
    app.after_request(keep_long)
    app.add_template_global(asset, "asset")
    app.add_template_filter(customer_ways.open_way, "open_way")
    app.add_template_filter(shell.lines, "lines")
    app.add_template_filter(faults.remedies, "remedies")
    app.add_template_filter(shell.in_words, "in_words")
    app.add_template_filter(setting_words.finding_words, "finding_words")
    app.add_template_filter(setting_words.rule_words, "rule_words")
    app.add_template_filter(setting_words.condition_words, "condition_words")
    app.add_template_filter(setting_words.when_words, "when_words")
    app.add_template_filter(setting_words.season_days, "season_days")
    app.add_template_filter(setting_words.persian_digits, "persian_digits")
    app.add_template_filter(setting_words.addressee_words, "addressee_words")
    app.add_template_filter(setting_words.why_words, "why_words")
    app.add_template_filter(shell.phone, "phone")
    app.add_template_filter(shell.seconds, "seconds")
    app.add_template_test(shell.seen_by, "seen_by")
    errors.register_errors(app)
