"""What libraries do, as data: which calls change what, what they read and write, what they give back.

    [[methods]]                                          rules.method("pandas.DataFrame", "dropna")
    of = ["pandas.DataFrame"]                     ->       -> Rule(updates=(Target("self", Condition("inplace", given=True)),),
    names = ["dropna"]                                             returns="self-type", ...)
    updates = ["self if inplace"]
    returns = "self-type"

One TOML file a library; `docs/knowledge.md` explains every key. A call that no rule names is unknown, and unknown means it may do anything to
its receiver and arguments: a rule only ever removes effects from that assumption, so a missing rule costs precision and never truth.
"""

from __future__ import annotations

from nb2prod.knowledge.load import load_knowledge
from nb2prod.knowledge.rules import Argument, Condition, Knowledge, Resource, Rule, Target, TypeRule

__all__ = ["Argument", "Condition", "Knowledge", "Resource", "Rule", "Target", "TypeRule", "load_knowledge"]
