"""A test of the law in words: the fact it asks about, its bound and its unit."""

import pandas as pd

from forecast.language import N_, _
from forecast.phrases import amount
from forecast.stages.permissions import METRICS, Criterion

FACTS = {
    "tpp": "TPP", "performance_density": N_("performance density"), "die_area": N_("die area"),
    "dram_bandwidth": N_("memory bandwidth"),
    "io_bandwidth": N_("link bandwidth"), "memory": N_("memory"), "memory_bandwidth_density": N_("bandwidth density"),
    "released": N_("first shipment"), "first_us_sale": N_("first American sale"),
    "primitive_tpp": N_("digital rate outside the processors"),
    "analog_tpp": N_("analog rate"), "listed_share": N_("share of the buyer that listed parties own"),
    "process_node": N_("process node"),
    "transistors": N_("transistors"), "wavelength": N_("wavelength"), "resolution": N_("resolution"), "overlay": N_("overlay"),
}  # fmt: skip
"""Facts of a chip, tool or buyer that a test speaks of."""

FLAGS = {
    "datacenter": (N_("made for data centres"), N_("not made for data centres")),
    "prc_designed": (N_("designed by a Chinese firm"), N_("not designed by a Chinese firm")),
    "hbm_copackaged": (N_("with stacked memory in the package"), N_("without stacked memory in the package")),
    "hbm_stack": (N_("memory stacks"), N_("no memory stacks")),
    "packager_approved": (N_("going to an approved packager"), N_("not going to an approved packager")),
    "from_us": (N_("leaving from the United States"), N_("leaving from a third country")),
    "certified": (N_("certified by the exporter"), N_("not certified by the exporter")),
    "tested_in_us": (N_("tested in the United States"), N_("not tested in the United States")),
    "recipient_approved": (N_("for an approved recipient"), N_("for a recipient that is not approved")),
    "supercomputer": (N_("for a supercomputer"), N_("not for a supercomputer")),
    "foundry_order": (N_("made to order by the exporter"), N_("not made to order by the exporter")),
    "designer_approved": (N_("from an approved designer"), N_("not from an approved designer")),
    "osat_approved": (N_("finished by an approved packager"), N_("not finished by an approved packager")),
    "made_outside": (N_("attested by a fab outside China"), N_("not attested by a fab outside China")),
    "tool": (N_("tools to make chips"), N_("no tools to make chips")),
    "service": (N_("servicing of tools"), N_("no servicing of tools")),
    "eda": (N_("software to design chips"), N_("no software to design chips")),
    "metrology": (N_("tools that measure wafers"), N_("no tools that measure wafers")),
    "home_listed": (N_("controlled where they are made"), N_("not controlled where they are made")),
    "listed_3b": (N_("tools listed in category 3B"), N_("tools not listed in category 3B")),
    "advanced_fab": (N_("for an advanced fab"), N_("not for an advanced fab")),
    "veu": (N_("for a validated end user"), N_("not for a validated end user")),
}
"""Facts that an item, its shipment or its buyer has or has not."""

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}


def criterion_in_words(test: Criterion) -> str:
    """One test in words: 'memory bandwidth ≥ 4,100 GB/s', 'made for data centres'."""
    if test.kind == "flag":
        return _(FLAGS[test.metrics[0]][0 if test.bound else 1])
    name = " {} ".format(_("plus")).join(_(FACTS[metric]) for metric in test.metrics)
    if test.kind == "date":
        return f"{name} {SIGNS[test.relation]} {pd.Timestamp(test.bound, unit='D'):%Y-%m-%d}"
    unit = METRICS[test.metrics[0]].unit.replace("1e9", _("billion"))
    return f"{name} {SIGNS[test.relation]} {amount(float(test.bound))}" + ("" if unit.startswith("TPP") else f" {unit}")
