"""A diagram of many elements, shaped like those that people draw."""

from __future__ import annotations

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
    xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="definitions" targetNamespace="large">
  <bpmn:process id="large" name="Large" isExecutable="true">
    <bpmn:startEvent id="start"/>
"""
BLOCK = """
    <bpmn:exclusiveGateway id="ask{n}" name="Worth it {n}?" default="no{n}"/>
    <bpmn:sequenceFlow id="in{n}" sourceRef="{before}" targetRef="ask{n}"/>
    <bpmn:sequenceFlow id="yes{n}" sourceRef="ask{n}" targetRef="check{n}">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression"
        >=amount{n} &gt; 100 and status = "open"</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="no{n}" sourceRef="ask{n}" targetRef="meet{n}"/>
    <bpmn:userTask id="check{n}" name="Check {n}">
      <bpmn:documentation>Look at what was said before.</bpmn:documentation>
      <bpmn:extensionElements>
        <zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="desk"/>
        <zeebe:ioMapping>
          <zeebe:input source="=amount{n} * 2" target="limit"/>
          <zeebe:output source="=result" target="result{n}"/>
        </zeebe:ioMapping>
        <zeebe:properties><zeebe:property name="sla" value="PT4H"/></zeebe:properties>
      </bpmn:extensionElements>
      <bpmn:incoming>yes{n}</bpmn:incoming><bpmn:outgoing>done{n}</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:boundaryEvent id="late{n}" attachedToRef="check{n}" cancelActivity="false">
      <bpmn:timerEventDefinition>
        <bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT{n}H</bpmn:timeDuration>
      </bpmn:timerEventDefinition>
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="then{n}" sourceRef="late{n}" targetRef="remind{n}"/>
    <bpmn:serviceTask id="remind{n}" name="Remind {n}">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="notify" retries="3"/>
        <zeebe:taskHeaders><zeebe:header key="template" value="reminder"/></zeebe:taskHeaders>
      </bpmn:extensionElements>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="told{n}" sourceRef="remind{n}" targetRef="over{n}"/>
    <bpmn:endEvent id="over{n}"/>
    <bpmn:sequenceFlow id="done{n}" sourceRef="check{n}" targetRef="sum{n}"/>
    <bpmn:scriptTask id="sum{n}" name="Add up {n}">
      <bpmn:extensionElements>
        <zeebe:script expression="=sum([1, amount{n}])" resultVariable="total{n}"/>
      </bpmn:extensionElements>
    </bpmn:scriptTask>
    <bpmn:sequenceFlow id="out{n}" sourceRef="sum{n}" targetRef="meet{n}"/>
    <bpmn:exclusiveGateway id="meet{n}"/>
"""
PER_BLOCK = 7
SHAPE = """
      <bpmndi:BPMNShape id="shape{n}" bpmnElement="check{n}">
        <dc:Bounds x="{n}" y="80" width="100" height="80"/>
      </bpmndi:BPMNShape>"""
TAIL = """
    <bpmn:sequenceFlow id="last" sourceRef="{before}" targetRef="end"/>
    <bpmn:endEvent id="end"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="drawing"><bpmndi:BPMNPlane id="plane" bpmnElement="large">{shapes}
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def large_diagram(elements: int) -> bytes:
    """A right diagram of about so many flow nodes: choices, timers, mappings, in one chain."""
    blocks, before = [], "start"
    for number in range(1, max(1, round(elements / PER_BLOCK)) + 1):
        blocks.append(BLOCK.format(n=number, before=before))
        before = f"meet{number}"
    shapes = "".join(SHAPE.format(n=number) for number in range(1, len(blocks) + 1))
    return (HEAD + "".join(blocks) + TAIL.format(before=before, shapes=shapes)).encode()
