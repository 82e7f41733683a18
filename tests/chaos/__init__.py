"""Complaints by mail, SMS and SOAP, while everything dies and every partner fails now and then."""
