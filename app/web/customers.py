"""Customers: found again, with every request and everything that was said."""

from __future__ import annotations

from flask import g, render_template, request

from app.guard import actor
from app.routes import may_enter
from app.services.casework import records, requests, search, terms
from app.services.service_levels import standing
from app.web import promises, task_page
from app.web.blueprint import web
from app.web.bubbles import bubble
from app.web.choices import tier_words
from app.web.requests import more_url


@web.get("/customers", endpoint="customers")
def customers_list() -> str:
    """The customers that fit the search, newest first."""
    words = request.args.get("q", "")[:200]
    found = search.find_customers(actor(), words, cursor=request.args.get("after"))
    counts = search.count_requests([party.id for party in found.items], actor())
    more = more_url("web.customers", found.next)
    return render_template("web/customers.html", found=found, words=words, counts=counts, more=more)


@web.get("/customers/<id:party_id>")
def customer(party_id: int) -> str:
    """The memory of one customer."""
    party = records.find_customer(party_id, actor())
    found = requests.of_customer(party_id, actor())
    clocks = standing.of_requests(found, g.now)
    said = records.interactions_of_customer(party_id, actor())
    return render_template(
        "web/customer.html",
        party=party, standing=records.standing_of(party_id, actor()),
        requests=found, contracts=terms.contracts_of(party_id),
        branch=terms.branch_of(party), may_agree=may_enter("web.customer_terms", actor()),
        entries=[bubble(one) for one in said],
        promise_of=lambda one: promises.of_request(one, g.now, clocks),
        service_of=task_page.service_names, tier=tier_words(party.tier),
    )  # fmt: skip
