"""What runs at run time: `caller` in the rewritten program, `unit` in the processes its calls go to."""

import os

from faasify.runtime import own_builtins

for _folder in (*__path__, os.path.join(os.path.dirname(__path__[0]), "localcloud")):
    own_builtins.keep(_folder)
