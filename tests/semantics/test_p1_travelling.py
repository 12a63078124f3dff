"""P1: an object's state goes with the call and comes back."""


def test_p1_methods_as_units_change_their_object(same):
    same(
        """
        class Account:
            opened = 0
            def __init__(self, owner): self.owner, self.balance, self.history = owner, 0, []; Account.opened += 1
            def deposit(self, n):
                if n <= 0: raise ValueError(f"{self.owner}: {n}")
                self.balance += n; self.history.append(("in", n)); return self
            def transfer(self, other, n): self.balance -= n; other.deposit(n); self.history.append((other, n)); return other
            @property
            def worth(self): return self.balance * 2
            @worth.setter
            def worth(self, n): self.balance = n // 2; self.history.append("set")
            @classmethod
            def of(cls, *names): return [cls(n) for n in names]
        a, b = Account.of("ann", "bob")
        history = a.history
        print(a.deposit(10) is a, a.transfer(b, 4) is b, a.balance, b.balance, history is a.history, history[1][0] is b, Account.opened)
        a.worth = 50; print(a.worth, a.balance, history[-1])
        try: b.deposit(-1)
        except ValueError as e: print(e, b.balance)
        bank = {"main": [a, {"deputy": b}]}
        def interest(bank):
            for entry in bank["main"]:
                who = entry if isinstance(entry, Account) else entry["deputy"]
                who.deposit(who.balance)
            bank["total"] = sum(x.balance for x in (a, b))
        interest(bank); print(a.balance, b.balance, bank["total"], bank["main"][0] is a)
        """,
        select="app.Account.deposit,app.Account.transfer,app.Account.of,app.interest",
        remote={"app.Account.deposit", "app.Account.transfer", "app.Account.of", "app.interest"},
    )


def test_p1_an_object_that_many_calls_share(same):
    same(
        """
        class Cell:
            def __init__(self, n): self.n, self.peers = n, []
            def link(self, *others): self.peers.extend(others); return len(self.peers)
            def spread(self, depth):
                self.n += 1
                if depth:
                    for p in self.peers: p.spread(depth - 1)
        cells = [Cell(i) for i in range(4)]
        for i, c in enumerate(cells): print(c.link(*(cells[:i] + cells[i + 1:])))
        cells[0].spread(3); print([c.n for c in cells], cells[0].peers[0] is cells[1], cells[1].peers[0] is cells[0])
        """,
        select="app.Cell.link,app.Cell.spread",
    )
