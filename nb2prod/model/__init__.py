"""The nouns of nb2prod: frozen, comparable values, with no syntax nodes and no behaviour beyond small questions about themselves.

    Notebook -> Recording -> Analysis -> Plan -> Project -> Verdict

Each worker package takes one of these and gives the next; `pipeline.py` alone knows the order.
"""
