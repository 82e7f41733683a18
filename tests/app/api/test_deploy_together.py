"""Several files in one call: all are deployed or none, whatever is sent."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.api.files import MOST_DEPLOYED
from app.services.deployment.definitions import LARGEST_FILE
from tests.app.api import diagrams
from tests.bpmn import build
from tests.bpmn.decision.models import literal, model

Api = Callable[[str], FlaskClient]
CALLER = build.process(
    build.start(), build.call("c", "one-step", bindingType="deployment"), build.end(),
    build.flows("start > c > end"), key="caller",
)  # fmt: skip
NEWER = diagrams.one_step() + b"\n<!-- newer -->"


def deploy(client: FlaskClient, *files: tuple[str, bytes], **how: Any) -> TestResponse:
    """The files as parts named ``files``, beside what else is sent."""
    sent = [(io.BytesIO(content), name) for name, content in files]
    data = {"files": sent, **how.pop("data", {})}
    path = "/api/v1/processes" + how.pop("query", "")
    return client.post(path, data=data, content_type="multipart/form-data", **how)


def keys(client: FlaskClient) -> set[str]:
    listed = client.get("/api/v1/processes?limit=100").get_json()["items"]
    return {one["key"] for one in listed}


def test_a_caller_is_bound_to_what_came_with_it(api: Api) -> None:
    answer = deploy(
        api("admin"), ("caller.bpmn", CALLER), ("one.bpmn", diagrams.one_step()), query="?tag=blue"
    )
    made = answer.get_json()["items"]
    assert answer.status_code == 201
    assert [(one["key"], one["version"], one["tags"]) for one in made] == [
        ("caller", 1, ["blue"]), ("one-step", 1, ["blue"]),
    ]  # fmt: skip
    assert [one["filename"] for one in made] == ["caller.bpmn", "one.bpmn"]
    assert all(isinstance(one["warnings"], list) for one in made)
    deploy(api("admin"), ("one.bpmn", NEWER))
    started = api("admin").post("/api/v1/processes/caller/instances", json={}).get_json()
    assert [one["version"] for one in started["called"]] == [1]


def test_one_file_alone_is_a_list_as_well(api: Api) -> None:
    made = deploy(api("admin"), ("one.bpmn", diagrams.one_step())).get_json()
    assert set(made) == {"items"}
    assert [one["version"] for one in made["items"]] == [1]


def test_all_findings_of_all_files_and_none_deployed(api: Api) -> None:
    right = ("right.bpmn", diagrams.one_step("right"))
    answer = deploy(
        api("admin"), right, ("broken.bpmn", diagrams.broken()), ("caller.bpmn", CALLER),
        ("t.dmn", model(literal("d", "1 +"))),
    )  # fmt: skip
    assert answer.status_code == 422
    found = answer.get_json()["findings"]
    files = {one["file"] for one in found if one["severity"] == "error"}
    assert files == {"broken.bpmn", "caller.bpmn", "t.dmn"}
    assert all(one["remedy"] for one in found if one["severity"] == "error")
    assert not {"right", "broken", "caller", "m"} & keys(api("admin"))


def test_the_same_process_twice_is_refused(api: Api) -> None:
    answer = deploy(api("admin"), ("a.bpmn", diagrams.one_step()), ("b.bpmn", NEWER))
    assert answer.status_code == 422
    assert {one["rule"] for one in answer.get_json()["findings"]} >= {"reference.repeated"}


ONE = ("one.bpmn", diagrams.one_step())


@pytest.mark.parametrize(
    ("files", "how", "field"),
    [
        ([], {}, "files"),
        ([], {"data": {"files": "<definitions/>"}}, "files"),
        ([ONE, ONE], {}, "files"),
        ([("a/x.bpmn", b"1"), ("b/x.bpmn", b"2")], {}, "files"),
        ([(f"{n}.bpmn", b"<a/>") for n in range(MOST_DEPLOYED + 1)], {}, "files"),
        ([ONE], {"data": {"file": (io.BytesIO(b"<a/>"), "b.bpmn")}}, "file"),
        ([ONE], {"data": {"tag": "blue"}}, "tag"),
        ([ONE], {"query": "?filename=x.bpmn"}, "filename"),
    ],
)
def test_what_is_sent_otherwise_is_refused(
    api: Api, files: list[tuple[str, bytes]], how: dict[str, Any], field: str
) -> None:
    answer = deploy(api("admin"), *files, **how)
    assert answer.status_code == 422, answer.get_data(as_text=True)
    assert field in answer.get_json()["errors"]
    assert "one-step" not in keys(api("admin"))


def test_each_file_has_its_limit(api: Api) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n'
    body = b"".join(
        head % name + content + b"\r\n"
        for name, content in ((b"a", ONE[1]), (b"b", b" " * (LARGEST_FILE + 1)))
    )
    kind = "multipart/form-data; boundary=x"
    answer = api("admin").post("/api/v1/processes", data=body + b"--x--", content_type=kind)
    assert answer.status_code == 413
    assert "one-step" not in keys(api("admin"))


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"{}", b"\xff\xfe", b"<a" * 1000, b"PK\x03\x04",
     b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x.bpmn", "x.dmn", "..", "a\0\u202eb.bpmn", "x" * 3000])
def test_hostile_files_are_refused(api: Api, name: str, content: bytes) -> None:
    answer = deploy(api("admin"), ONE, (name, content))
    assert answer.status_code == 422
    assert answer.get_json()["findings"]
    assert "one-step" not in keys(api("admin"))


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\n\r\n", b"\0" * 99])
@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_broken_body_is_refused(api: Api, body: bytes, kind: str) -> None:
    answer = api("admin").post("/api/v1/processes", data=body, content_type=kind)
    assert answer.status_code in (400, 422)


def test_only_designers_deploy(api: Api) -> None:
    assert deploy(api("sara"), ONE).status_code == 403
