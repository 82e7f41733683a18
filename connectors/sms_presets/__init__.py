"""The wire formats of SMS gateways, by their keys."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sms_presets.base import Preset, Said, Sms
from connectors.sms_presets.generic import Generic
from connectors.sms_presets.ippanel import IpPanel
from connectors.sms_presets.kavenegar import Kavenegar
from connectors.sms_presets.melipayamak import MelliPayamak
from connectors.sms_presets.smsir import SmsIr
from connectors.sms_presets.twilio import Twilio

PRESETS: Mapping[str, Preset] = {
    one.key: one for one in (Kavenegar(), SmsIr(), MelliPayamak(), IpPanel(), Twilio(), Generic())
}

__all__ = ["PRESETS", "Preset", "Said", "Sms"]
