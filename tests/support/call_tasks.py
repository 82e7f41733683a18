"""Service tasks that call partners, as diagrams hold them."""

from __future__ import annotations

from collections.abc import Mapping


def call_task(name: str, kind: str, inputs: Mapping[str, str], flows: str = "") -> str:
    """A service task of this kind, with FEEL for each of its inputs.

    What comes back is kept from the process's own variables.
    """
    mapped = "".join(
        f"<zeebe:input source='={source}' target='{target}' />" for target, source in inputs.items()
    )
    return f"""
    <bpmn:serviceTask id="{name}" name="{name}">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="{kind}" />
        <zeebe:ioMapping>
          {mapped}<zeebe:output source="=true" target="{name}_done" />
        </zeebe:ioMapping>
        <zeebe:properties><zeebe:property name="name_fa" value="{name}" /></zeebe:properties>
      </bpmn:extensionElements>{flows}
    </bpmn:serviceTask>
    """
