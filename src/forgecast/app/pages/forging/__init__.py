"""Pages of forging: estimate, press run, billet, flow stress, ring test."""

from forgecast.app.pages.forging import billet, estimate, flow_stress, press, ring  # noqa: F401
