"""A text adventure: find the lantern, cross the cave, and get out with the treasure."""

ROOMS = {
    "meadow": {"text": "A meadow. A dark cave opens to the north.", "north": "cave", "east": "hut"},
    "hut": {"text": "A hut with an open door.", "west": "meadow", "items": ["lantern"]},
    "cave": {"text": "A wet cave. Something glitters.", "south": "meadow", "dark": True, "items": ["treasure"]},
}
DIRECTIONS = ("north", "south", "east", "west")


class GameOver(Exception):
    pass


class Player:
    def __init__(self):
        self.room = "meadow"
        self.items = []
        self.turns = 0


def can_see(player):
    return "lantern" in player.items or not ROOMS[player.room].get("dark")


def look(player):
    if not can_see(player):
        return "It is too dark to see anything."
    here = ROOMS[player.room].get("items", [])
    return ROOMS[player.room]["text"] + (f" You see: {', '.join(here)}." if here else "")


def go(player, direction):
    if direction not in ROOMS[player.room]:
        return "You cannot go there."
    if not can_see(player) and direction != "south":
        raise GameOver("You stumble and fall.")
    player.room = ROOMS[player.room][direction]
    return look(player)


def take(player, item):
    here = ROOMS[player.room].get("items", [])
    if item not in here or not can_see(player):
        return f"There is no {item} here."
    here.remove(item)
    player.items.append(item)
    return f"You have the {item}."


def act(player, command):
    """Do what the command says; what the player reads next."""
    player.turns += 1
    verb, _, what = command.partition(" ")
    if verb in DIRECTIONS:
        return go(player, verb)
    if verb == "take":
        return take(player, what)
    if verb == "look":
        return look(player)
    if verb == "quit":
        raise GameOver("You sit down and wait.")
    return f"You do not know how to {verb!r}."


def ask():
    return input("> ").strip().lower()


def won(player):
    return player.room == "meadow" and "treasure" in player.items


def play():
    player = Player()
    print(look(player))
    try:
        while not won(player):
            print(act(player, ask()))
        print(f"You got out with the treasure, in {player.turns} turns.")
    except GameOver as end:
        print(f"{end} The end, after {player.turns} turns.")
    except EOFError:
        print("\nYou fall silent.")


if __name__ == "__main__":
    play()
