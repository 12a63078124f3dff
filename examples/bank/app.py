"""A small bank: accounts, transfers, and the errors that a bank needs."""


class BankError(Exception):
    """Base of everything that the bank refuses."""


class InsufficientFunds(BankError):
    def __init__(self, account, needed):
        super().__init__(f"{account.owner} has {account.balance}, needs {needed}")
        self.account = account
        self.missing = needed - account.balance


class AccountFrozen(BankError):
    pass


class Account:
    interest_rate = 2
    opened = 0

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance
        self.history = []
        self.frozen = False
        Account.opened += 1

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError(f"cannot deposit {amount}")
        self.balance += amount
        self.history.append(("deposit", amount))
        return self.balance

    def withdraw(self, amount):
        if self.frozen:
            raise AccountFrozen(self.owner)
        if amount > self.balance:
            raise InsufficientFunds(self, amount)
        self.balance -= amount
        self.history.append(("withdraw", amount))
        return self.balance

    def add_interest(self):
        self.balance += self.balance * self.interest_rate // 100


class Savings(Account):
    interest_rate = 5

    def withdraw(self, amount):
        self.history.append(("fee", 1))
        self.balance -= 1
        return super().withdraw(amount)


log = []


def transfer(source, target, amount):
    """Move money; the log keeps what was tried and what came of it."""
    try:
        source.withdraw(amount)
    except BankError as error:
        log.append(f"{source.owner} -> {target.owner}: {type(error).__name__}")
        raise
    target.deposit(amount)
    log.append(f"{source.owner} -> {target.owner}: {amount}")


def attempt(source, target, amount):
    try:
        transfer(source, target, amount)
        print(f"moved {amount} from {source.owner} to {target.owner}")
    except InsufficientFunds as error:
        print(f"refused: {error} (missing {error.missing}, same account: {error.account is source})")
    except BankError as error:
        print(f"refused: {type(error).__name__} {error}")


def total(accounts):
    return sum(account.balance for account in accounts)


def main():
    ada, bob, carol = Account("Ada", 100), Savings("Bob", 50), Account("Carol")
    accounts = [ada, bob, carol]
    attempt(ada, bob, 30)
    attempt(bob, carol, 200)
    carol.frozen = True
    attempt(carol, ada, 1)
    try:
        ada.deposit(-5)
    except ValueError as error:
        print(f"error: {error}")
    for account in accounts:
        account.add_interest()
        print(f"{account.owner}: {account.balance} {account.history}")
    print(f"{Account.opened} accounts hold {total(accounts)}")
    print("\n".join(log))


if __name__ == "__main__":
    main()
