"""An inventory: kinds of items, prices as properties, and orders that may be too large."""

from dataclasses import dataclass, field
from decimal import Decimal


class Item:
    tax = Decimal("0.19")

    def __init__(self, name, net, stock=0):
        self.name = name
        self.net = Decimal(net)
        self.stock = stock

    @property
    def price(self):
        return (self.net * (1 + self.tax)).quantize(Decimal("0.01"))

    @property
    def stock(self):
        return self._stock

    @stock.setter
    def stock(self, value):
        if value < 0:
            raise ValueError(f"{self.name}: {-value} too few")
        self._stock = value

    def __repr__(self):
        return f"{type(self).__name__}({self.name!r}, {self.price})"

    def __lt__(self, other):
        return (self.price, self.name) < (other.price, other.name)


class Book(Item):
    tax = Decimal("0.07")

    def __init__(self, name, net, stock=0, *, author):
        super().__init__(name, net, stock)
        self.author = author

    def __repr__(self):
        return f"{super().__repr__()} by {self.author}"


class Bundle(Item):
    def __init__(self, name, parts):
        self.parts = parts
        super().__init__(name, sum(part.net for part in parts), min(part.stock for part in parts))

    @property
    def price(self):
        return (sum(part.price for part in self.parts) * Decimal("0.9")).quantize(Decimal("0.01"))


@dataclass
class Order:
    lines: list = field(default_factory=list)

    def add(self, item, quantity=1):
        item.stock -= quantity
        self.lines.append((item, quantity))
        return self

    @property
    def total(self):
        return sum(item.price * quantity for item, quantity in self.lines)


def restock(items, minimum):
    """Fill up what is low, in place; the names of what was filled up."""
    low = [item for item in items if item.stock < minimum]
    for item in low:
        item.stock = minimum
    return [item.name for item in low]


def report(items):
    for item in sorted(items, reverse=True):
        print(f"{item.stock:>3} x {item!r}")


def main():
    lamp = Item("lamp", "25.00", 3)
    novel = Book("novel", "12.50", 10, author="M. Shelley")
    items = [lamp, novel, Bundle("reading set", [lamp, novel])]
    report(items)

    order = Order().add(novel, 4).add(lamp)
    print(f"order: {order.total}")
    try:
        order.add(lamp, 5)
    except ValueError as error:
        print(f"cannot: {error}")
    print(f"still {len(order.lines)} lines, {lamp.stock} lamps")
    print(f"restocked: {', '.join(restock(items, 5))}")
    report(items)


if __name__ == "__main__":
    main()
