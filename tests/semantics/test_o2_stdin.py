"""O2: input is read by replay, prompts are shown once."""

ASK = """
    import sys
    n = 0
    def ask(question):
        global n
        n += 1
        print("asking", n)
        answer = input(question)
        print("got", answer)
        return answer
    def rest():
        first = sys.stdin.readline()
        return first, [line.strip() for line in sys.stdin]
    print(ask("name? "), ask("age? "), n)
    print(input("here? "))
    print(ask(""), rest())
    try: ask("end? ")
    except EOFError as e: print("EOF", e, n)
    """


def test_o2_input_is_read_and_prompts_are_shown_once(same):
    same(ASK, select="app.ask", stdin="ann\n42\nhere\nthere\nl1\nl2\nl3\n")


def test_o2_lines_of_stdin_are_read_in_order(same):
    same(ASK, select="app.ask,app.rest", stdin="ann\n42\nhere\nthere\nl1\nl2\nl3\n", remote={"app.ask"})


def test_o2_the_last_line_without_an_end(same):
    same(ASK, select="app.ask", stdin="ann\n42\nhere\nthere\nlast")


def test_o2_an_empty_stdin(same):
    same(
        """
        def f():
            try: return input("? ")
            except EOFError: return "nothing"
        print(f(), f())
        """,
        select="app.f",
    )


def test_o2_a_loop_that_reads_many_lines(same):
    same(
        """
        def game():
            score = 0
            while (line := input("> ")) != "quit":
                score += len(line); print("score", score)
            return score
        print(game(), game())
        """,
        select="app.game",
        stdin="a\nbb\nquit\nccc\nquit\n",
    )
