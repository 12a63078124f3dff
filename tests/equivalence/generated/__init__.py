"""Random little programs, as text, that are run in both forms.

maker.py     fills the holes of templates: `<list>.append(<value>)`  ->  `XS.append(OBJ.items)`
feature.py   what a feature of the language brings: classes, globals, expressions and statements, as templates
features/    the features, by subject
programs.py  puts a program together: `program(seed)`, and the hypothesis strategy `programs()`
common.py    the module that all programs import: how state is shown, with identities
campaign.py  runs many of them, finds what differs, makes it small
"""
