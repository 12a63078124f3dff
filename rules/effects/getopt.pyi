"""Options: pure, they are given the arguments."""

def getopt(args, shortopts, longopts=()) -> Returns[tuple]: ...
def gnu_getopt(args, shortopts, longopts=()) -> Reads[hidden.environ] | Returns[tuple]: ...
class GetoptError(Exception):
    msg: Returns[str]
    opt: Returns[str]
error = GetoptError
