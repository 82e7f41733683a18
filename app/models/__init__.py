"""The tables, one idea a file, in the field's words."""

from app.models.absences import Absence
from app.models.assets import Asset, asset_numbers
from app.models.calls import PhoneCall
from app.models.channels import Channel, ChannelState, NoContact
from app.models.deliveries import Delivery
from app.models.history import Event
from app.models.inbound import InboundMessage
from app.models.inbound_parts import InboundPart
from app.models.letters import LetterVersion
from app.models.links import RequestLink
from app.models.mailings import Mailing, MailingRecipient, MailingRefusal
from app.models.moments import DueMoment
from app.models.parties import Contact, ContactPoint, Party
from app.models.partner_calls import PartnerCall
from app.models.people import ApiToken, Group, Membership, User
from app.models.problems import Problem, ProblemIncident, problem_numbers
from app.models.processes import (
    Deployment,
    DeploymentFile,
    Fault,
    HeldMessage,
    ProcessDefinition,
    ProcessInstance,
    ServiceJob,
    StartSubscription,
    Subscription,
    UserTask,
)
from app.models.promises import SlaClock, SlaSetting, SlaStep
from app.models.requests import Attachment, Interaction, ServiceRequest, request_numbers
from app.models.safety import Attempt, IdempotencyKey, Submission
from app.models.signals import SignalDelivery, SignalStart, SignalSubscription, ThrownSignal
from app.models.terms import Branch, Contract
from app.models.topics import RequestTopic
from app.models.wsdl import WsdlBundle

__all__ = [
    "Absence",
    "ApiToken",
    "Asset",
    "Attachment",
    "Attempt",
    "Branch",
    "Channel",
    "ChannelState",
    "Contact",
    "ContactPoint",
    "Contract",
    "Delivery",
    "Deployment",
    "DeploymentFile",
    "DueMoment",
    "Event",
    "Fault",
    "Group",
    "HeldMessage",
    "IdempotencyKey",
    "InboundMessage",
    "InboundPart",
    "Interaction",
    "LetterVersion",
    "Mailing",
    "MailingRecipient",
    "MailingRefusal",
    "Membership",
    "NoContact",
    "PartnerCall",
    "Party",
    "PhoneCall",
    "Problem",
    "ProblemIncident",
    "ProcessDefinition",
    "ProcessInstance",
    "RequestLink",
    "RequestTopic",
    "ServiceJob",
    "ServiceRequest",
    "SignalDelivery",
    "SignalStart",
    "SignalSubscription",
    "SlaClock",
    "SlaSetting",
    "SlaStep",
    "StartSubscription",
    "Submission",
    "Subscription",
    "ThrownSignal",
    "User",
    "UserTask",
    "WsdlBundle",
    "asset_numbers",
    "problem_numbers",
    "request_numbers",
]
