"""The shipped diagrams as drawings: everything drawn, joined, inside its place, not crossing."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from lxml import etree

import bpmn.xml
from tests.shipped.test_shipped_data import DIAGRAMS

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DD = "{http://www.omg.org/spec/DD/20100524/DI}"

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Segment = tuple[Point, Point]


class Drawing:
    """Shapes as (left, top, right, bottom) and edges as points, by element id."""

    def __init__(self, path: Path) -> None:
        self.root = bpmn.xml.read(path.read_bytes(), path.name).getroot()
        shapes, edges = self.root.iter(f"{DI}BPMNShape"), self.root.iter(f"{DI}BPMNEdge")
        self.boxes = {drawn_by(shape): box_of(shape) for shape in shapes}
        self.lines = {drawn_by(edge): points_of(edge) for edge in edges}
        self.labels = {
            drawn_by(drawn): box_of(label)
            for drawn in self.root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")
            for label in drawn.iter(f"{DI}BPMNLabel")
        }
        process = self.root.find(f"{BPMN}process")
        assert process is not None
        ties = process.iter(f"{BPMN}sequenceFlow", f"{BPMN}association")
        self.flows = {attribute(f, "id"): f for f in ties}
        self.nodes = {attribute(n, "id"): n for n in process.iter() if is_node(n)}

    def holder(self, node: str) -> str:
        """The id of the process or subprocess that holds the node or flow."""
        element = self.nodes.get(node)
        found = (self.flows[node] if element is None else element).getparent()
        assert found is not None
        return str(found.get("id"))

    def holders(self, node: str) -> list[str]:
        """The subprocesses around it, the innermost first, and the process."""
        holder = self.holder(node)
        return [holder, *(self.holders(holder) if holder in self.nodes else [])]


def attribute(element: etree._Element, name: str) -> str:
    return str(element.attrib[name])


def drawn_by(drawn: etree._Element) -> str:
    """The id of the element that a shape or an edge draws."""
    return attribute(drawn, "bpmnElement")


def is_node(node: etree._Element) -> bool:
    has_flow = node.find(f"{BPMN}incoming") is not None or node.find(f"{BPMN}outgoing") is not None
    aside = {"triggeredByEvent", "attachedToRef", "isForCompensation"}
    return has_flow or not aside.isdisjoint(node.attrib)


def box_of(shape: etree._Element) -> Box:
    bounds = shape.find(f"{DC}Bounds")
    assert bounds is not None
    x, y, width, height = (float(attribute(bounds, n)) for n in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def points_of(edge: etree._Element) -> list[Point]:
    points = edge.iter(f"{DD}waypoint")
    return [(float(attribute(p, "x")), float(attribute(p, "y"))) for p in points]


@pytest.fixture(params=DIAGRAMS, ids=lambda path: path.stem)
def drawing(request: pytest.FixtureRequest) -> Drawing:
    return Drawing(request.param)


def test_everything_is_drawn(drawing: Drawing) -> None:
    assert set(drawing.nodes) <= set(drawing.boxes)
    assert set(drawing.flows) == set(drawing.lines)


def test_flows_run_straight_from_border_to_border(drawing: Drawing) -> None:
    for id_, points in drawing.lines.items():
        flow = drawing.flows[id_]
        assert touches(drawing.boxes[attribute(flow, "sourceRef")], points[0]), id_
        assert touches(drawing.boxes[attribute(flow, "targetRef")], points[-1]), id_
        for (ax, ay), (bx, by) in segments(points):
            assert (ax == bx) != (ay == by), f"{id_} has a slanting or empty piece"


def touches(box: Box, point: Point) -> bool:
    """Whether it ends in the middle of a side: there a circle and a diamond have their border.

    A large shape may be met anywhere on its side.
    """
    left, top, right, bottom = box
    x, y = point
    on_side = (x in (left, right) and top < y < bottom) or (y in (top, bottom) and left < x < right)
    in_middle = x == (left + right) / 2 or y == (top + bottom) / 2
    return on_side and (in_middle or right - left > 100)


def segments(points: list[Point]) -> list[Segment]:
    return list(pairwise(points))


def test_flows_do_not_cross(drawing: Drawing) -> None:
    pieces = [(id_, piece) for id_, points in drawing.lines.items() for piece in segments(points)]
    for (one, a), (other, b) in combinations(pieces, 2):
        assert one == other or not cross(a, b), f"{one} crosses {other}"


def cross(a: Segment, b: Segment) -> bool:
    """Whether a level and an upright piece meet inside both."""
    level, upright = (a, b) if a[0][1] == a[1][1] else (b, a)
    if level[0][1] != level[1][1] or upright[0][0] != upright[1][0]:
        return False
    x, y = upright[0][0], level[0][1]
    return within(x, level[0][0], level[1][0]) and within(y, upright[0][1], upright[1][1])


def within(value: float, one: float, other: float) -> bool:
    return min(one, other) < value < max(one, other)


def test_no_flow_runs_through_a_shape(drawing: Drawing) -> None:
    for id_, points in drawing.lines.items():
        flow = drawing.flows[id_]
        ends = {flow.get("sourceRef"), flow.get("targetRef"), *drawing.holders(id_)}
        for node in set(drawing.nodes) - ends:
            hit = any(runs_through(piece, drawing.boxes[node]) for piece in segments(points))
            guest = drawing.nodes[node].get("attachedToRef")
            assert not hit or guest in ends, f"{id_} runs through {node}"


def runs_through(piece: Segment, box: Box) -> bool:
    (ax, ay), (bx, by) = piece
    left, top, right, bottom = box
    beside = max(ax, bx) <= left or min(ax, bx) >= right
    above_or_below = max(ay, by) <= top or min(ay, by) >= bottom
    return not beside and not above_or_below


def test_shapes_do_not_overlap(drawing: Drawing) -> None:
    for one, other in combinations(drawing.nodes, 2):
        if drawing.holder(one) == drawing.holder(other) and not attached(drawing, one, other):
            assert not overlap(drawing.boxes[one], drawing.boxes[other]), f"{one} on {other}"


def attached(drawing: Drawing, one: str, other: str) -> bool:
    pairs = ((one, other), (other, one))
    return any(drawing.nodes[a].get("attachedToRef") == b for a, b in pairs)


def overlap(a: Box, b: Box) -> bool:
    return not (a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1])


def test_shapes_stand_inside_their_lane_or_subprocess(drawing: Drawing) -> None:
    for lane in drawing.root.iter(f"{BPMN}lane"):
        for reference in lane.iter(f"{BPMN}flowNodeRef"):
            node = str(reference.text)
            if "attachedToRef" not in drawing.nodes[node].attrib:
                assert inside(drawing.boxes[node], drawing.boxes[attribute(lane, "id")]), node
    for node in drawing.nodes:
        if drawing.holder(node) in drawing.boxes:
            assert inside(drawing.boxes[node], drawing.boxes[drawing.holder(node)]), node


def inside(inner: Box, outer: Box) -> bool:
    fits = outer[0] < inner[0] and outer[1] < inner[1]
    return fits and inner[2] < outer[2] and inner[3] < outer[3]


def test_labels_stand_clear_of_shapes_and_of_each_other(drawing: Drawing) -> None:
    for one, other in combinations(drawing.labels, 2):
        assert not overlap(drawing.labels[one], drawing.labels[other]), f"{one} on {other}"
    for id_, label in drawing.labels.items():
        for node, element in drawing.nodes.items():
            if not element.tag.endswith(("ubProcess", "transaction")):
                assert not overlap(label, drawing.boxes[node]), f"the label of {id_} lies on {node}"


def test_every_named_event_and_gateway_has_a_place_for_its_label(drawing: Drawing) -> None:
    small = {id_ for id_, node in drawing.nodes.items() if node.tag.endswith(("Event", "Gateway"))}
    named = {id_ for id_ in small if drawing.nodes[id_].get("name")}
    flows = {id_ for id_, flow in drawing.flows.items() if flow.get("name")}
    assert named | flows == set(drawing.labels)
