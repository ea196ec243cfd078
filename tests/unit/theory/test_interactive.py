# SPDX-License-Identifier: MIT
"""The interactive layer: verdicts at once, reasons, counterexamples, errors that name the step."""

import pytest
from sympy import Rational, exp, log

from theory.checker import establishes
from theory.definitions import cross_entropy, kl, lse, margin, mean_square_class_means, mean_square_features
from theory.expressions import Exists, eq, le, lt
from theory.interactive import Proof, ProofError, attack
from theory.interactive.rows import markdown
from theory.kernel import is_genuine
from theory.lemmas import scatter_decomposition
from theory.proving import log_tangent
from theory.statement import Statement
from theory.symbols import C, alpha, beta, c, eps, i, j, k, nonnegative, p, positive, real, z

x, y = real("x", "x", "any number"), real("y", "y", "any number")


@pytest.fixture
def disc():
    proof = Proof("two squares", show=False)
    proof.assume(le(x**2 + y**2, 1), "unit disc")
    return proof


@pytest.fixture
def done(disc):
    square = disc.claim(le(0, (x - y) ** 2), "a square").by()
    disc.claim(le(2 * x * y, 1), "add them").by({disc[1]: 1, square: 1})
    return disc


def test_a_small_proof(done):
    assert [s.verdict for s in done] == ["GIVEN", "PROVED", "PROVED"]
    assert (done[3].rule, done[3].premises) == ("algebra", ["1", "2"])
    assert done[2].given == ()
    assert done[3].given == (le(x**2 + y**2, 1),)
    end = done.qed(le(2 * x * y, 1))
    assert done.ended is end
    assert is_genuine(end.theorem)
    assert establishes(end.theorem, Statement(le(2 * x * y, 1), (le(x**2 + y**2, 1),)))


def test_gibbs_from_forward_steps():
    proof = Proof("Gibbs", show=False)
    below = proof.assume(lt(p, 1))
    own = proof.by("log_tangent", exp(z(c, i, c) - lse()) / (1 - p), facts=[below], label="true class")
    one = proof.by(log_tangent, exp(z(c, i, j) - lse()) * (C - 1) / p, label="a wrong class")
    wrong = proof.by("average", one, j, excluding=c)
    split = proof.by("log_product", a=exp(z(c, i, c) - lse()) / (1 - p), b=1 - p, facts=[below])
    goal = le(0, kl(p))
    missing = proof.claim(goal, "Gibbs").by({own: 1 - p, wrong: p}, facts=[below])
    assert missing.verdict == "UNDECIDED"
    assert missing.left_over is not None
    proof.claim(goal, "Gibbs").by({own: 1 - p, wrong: p, split: 1 - p}, facts=[below])
    assert proof.qed(Statement(goal, (lt(p, 1),))).verdict == "PROVED"
    assert own.theorem.label == "true class"


def test_a_false_claim_is_refuted_with_exact_numbers(disc):
    step = disc.claim(le(x * y, Rational(1, 4)), "too good").by({disc[1]: 1})
    assert step.verdict == "REFUTED"
    values = step.attacked.witness.values
    assert values[x] ** 2 + values[y] ** 2 <= 1
    assert values[x] * values[y] > Rational(1, 4)
    assert "False at x = " in repr(step)
    assert "> 0.25" in repr(step)


def test_a_true_claim_that_does_not_follow_is_undecided_and_says_what_is_left(disc):
    step = disc.claim(le(2 * x * y, 1), "forgot the square").by({disc[1]: 1})
    assert step.verdict == "UNDECIDED"
    assert not step.attacked
    assert step.left_over == x**2 - 2 * x * y + y**2
    assert "left over: x² + y² − 2 x y" in repr(step)


def test_a_visible_slack_is_suggested():
    proof = Proof("slack", show=False)
    bound = proof.assume(le(alpha, beta))
    step = proof.claim(le(alpha, beta + eps)).by({bound: 1})
    assert step.verdict == "UNDECIDED"
    assert "slack=" in step.reason
    assert proof.claim(le(alpha, beta + eps)).by({bound: 1}, slack=eps).verdict == "PROVED"


def test_the_same_step_in_other_words_and_from_the_library(disc):
    wider = disc.claim(le(2 * x**2 + 2 * y**2, 2), "twice").by({disc[1]: 2})
    assert disc.claim(le(x**2, 1 - y**2), "moved").by(disc[1]).verdict == "PROVED"
    assert disc.claim(le(x**2 + y**2, 1), "halved").by({wider: Rational(1, 2)}).verdict == "PROVED"
    other = Proof("a lemma", show=False)
    lemma = other.by(scatter_decomposition, label="variance")
    assert lemma.verdict == "PROVED"
    means = other.claim(le(mean_square_class_means(), mean_square_features()), "means are shorter")
    assert means.by({lemma: 1}).verdict == "UNDECIDED"
    known = other.by("cross-entropy-identity")
    assert known.relation.op == "=="
    assert known.premises == ["cross-entropy-identity"]
    by_name = other.claim(eq(known.relation.rhs, known.relation.lhs)).by({"cross-entropy-identity": -1})
    assert by_name.verdict == "PROVED"


def test_a_rule_that_gives_another_claim(disc):
    step = disc.claim(le(log(alpha), alpha), "log").by("log_tangent", alpha)
    assert step.verdict == "UNDECIDED"
    assert "another claim" in step.reason
    assert step.left_over == 1


def test_a_certified_step_says_so():
    proof = Proof("numbers", show=False)
    assert proof.claim(lt(log(2), Rational(7, 10))).by("ball").verdict == "CERTIFIED"
    assert proof.claim(lt(log(2), Rational(69, 100))).by("ball").verdict == "REFUTED"


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda q: q.claim(le(x, 1), "r").by({q[2]: 1}), r"step 3 \(r\): step 2 \(open\) is OPEN"),
        (lambda q: q.claim(le(x, 1), "r").by("no_rule"), r"step 3 \(r\): 'no_rule' is neither a rule"),
        (lambda q: q.claim(le(x, 1), "r").by("log_tangent"), r"step 3 \(r\): log_tangent\(x, .*missing"),
        (lambda q: q.claim(le(x, 1), "r").by(3.5), r"step 3 \(r\): after by comes"),
        (lambda q: q.claim(x <= 1, "r"), r"step 3 \(r\): .* write eq, le or lt"),
        (lambda q: q.assume(le(x, real("x", "x", "x") ** x), "power"), r"step 3 \(power\): "),
        (lambda q: q.by({q[1]: 1}, label="free"), r"step 3 \(free\): algebra proves a claim"),
        (lambda q: q.by("sign", label="free"), r"step 3 \(free\): sign proves a claim"),
        (lambda q: q.by(lambda: 7, label="seven"), r"step 3 \(seven\): .* not a theorem"),
        (lambda q: q[2].theorem, r"step 2 \(open\) of 'two squares' is OPEN"),
        (lambda q: q[9], r"has no step 9"),
        (lambda q: q.qed(le(x, 1)), r"has no proved step"),
        (lambda q: q.claim(Exists((eps,), le(x, eps)), "e").attack(), r"step 3 \(e\): only a relation"),
    ],
)
def test_errors_name_the_step(disc, ask, says):
    disc.claim(le(x, y), "open")
    with pytest.raises(ProofError, match=says):
        ask(disc)


def test_qed_wants_exactly_the_statement(done):
    with pytest.raises(ProofError, match=r"step 3 \(add them\) is the last proved step"):
        done.qed(le(2 * x * y, Rational(1, 2)))
    with pytest.raises(ProofError, match=r"step 3 \(add them\) rests on what the statement does not assume"):
        done.qed(Statement(le(2 * x * y, 1)))
    assert done.ended is None
    assert done.qed(le(x * y - 1, -x * y)).verdict == "PROVED"  # the same claim in other words


def test_a_step_stated_again_takes_its_place(done):
    again = done.claim(le(0, (x - y) ** 2), "a square").by()
    assert again.number == 2
    assert done[2] is again
    assert len(done) == 3
    failed = done.claim(le(x, y), "retry").by()
    later = done.claim(le(0, x**2), "later").by()
    assert (failed.number, later.number) == (4, 5)
    retried = done.claim(le(x, y), "retry").by()
    assert retried.number == 6
    assert failed not in list(done)


def test_attacks(done):
    done.claim(le(x, Rational(9, 10)), "false")
    found = dict(done.attack(walks=10))
    assert not found["step 3 (add them)"]
    assert found["step 4 (false)"]
    assert done[3].verdict == "PROVED"
    assert done[4].verdict == "REFUTED"
    assert "step 4 (false): REFUTED: x = " in repr(done.attack(walks=10))
    assert repr(done.attack(walks=10)) == repr(done.attack(walks=10)), "the same seed, the same answer"


def test_an_attack_that_cannot_meet_the_hypotheses_says_so():
    found = attack(Statement(le(x, y), (lt(x**2, 0),)), walks=5, steps=20)
    assert not found
    assert found.met == 0
    assert "says nothing" in str(found)


def test_counterexamples_with_indices_show_where():
    step = Proof("margin", show=False).claim(le(margin(), cross_entropy())).by()
    assert step.verdict == "REFUTED"
    assert "C = " in repr(step)
    assert "z = [" in repr(step)
    assert "there, at c = " in repr(step)


def test_text_and_markdown(done, capsys):
    done.claim(le(2 * x * y, 1), "forgot").by({done[1]: 1})
    done.qed(le(2 * x * y, 1))
    done.explain()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "two squares"
    assert lines[1].split() == ["1.", "GIVEN", "unit", "disc"]
    assert "  3. PROVED     add them  -  algebra from 1, 2; given 1" in lines
    done.explain(kernel=True)
    assert "algebra from 1, 2 - add them" in capsys.readouterr().out
    rows = done._repr_markdown_()
    assert "**PROVED**" in rows
    assert r"\Longrightarrow" in rows
    assert "Left over: $" in rows
    assert "#" not in "".join(part for n, part in enumerate(rows.split("$")) if n % 2), "MathJax refuses '#'"


def test_quiet_steps_and_one_line_a_step(done, capsys):
    done.show = True
    with done.quiet():
        done.claim(le(0, x**2), "hidden").by()
    done.claim(le(0, y**2), "seen").by()
    assert capsys.readouterr().out.splitlines()[0] == "  5. PROVED     seen  -  sign"
    done.explain(formulas=False)
    assert len(capsys.readouterr().out.splitlines()) == 1 + len(done)


def test_words_are_not_read_as_markup():
    proof = Proof("markup", show=False)
    row = markdown(proof.assume(le(x, 1), "q* < 1, [a_b]"))
    assert r"q\* \< 1, \[a\_b\]" in row


def test_hypotheses_from_elsewhere_are_counted(done):
    other = Proof("another", show=False)
    half = other.claim(le(x * y, Rational(1, 2))).by({done[3]: Rational(1, 2)})
    assert "from step 3 (add them); given 1 hypothesis of what it uses" in repr(half)


def test_rendered_indices_have_no_mark():
    proof = Proof("means", show=False)
    one = proof.by("log_tangent", exp(z(c, i, j)))
    row = markdown(proof.by("average", one, j, excluding=c))
    assert "#" not in "".join(part for n, part in enumerate(row.split("$")) if n % 2)


def test_steps_show_themselves(capsys):
    proof = Proof("shown", show=True)
    proof.assume(le(x, 1), "bounded")
    assert capsys.readouterr().out == "  1. GIVEN      bounded\n       x ≤ 1\n"
    Proof("quiet").assume(le(x, 1))
    assert capsys.readouterr().out == ""


def test_a_notebook_shows_each_row_once():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    try:
        with capture_output() as seen:
            shell.run_cell(
                "from theory.interactive import Proof\nfrom theory.expressions import le\n"
                "from theory.symbols import alpha\nproof = Proof('n')\nproof.claim(le(0, alpha), 'norm').by()"
            )
        assert len(seen.outputs) == 1
        assert "PROVED" in seen.outputs[0].data["text/markdown"]
    finally:
        InteractiveShell.clear_instance()


def test_a_new_symbol_keeps_its_domain():
    m = positive("m_new", "m", "a new positive number")
    assert Proof("domain", show=False).claim(lt(0, m / (1 + m))).by().verdict == "PROVED"
    assert k not in le(0, m).free_symbols


def test_qed_takes_the_last_of_the_steps_that_say_the_same():
    x = nonnegative("x_again", "x_{again}", "a length")
    proof = Proof("a hypothesis that is cut", show=False)
    large = proof.assume(le(2, x), "x is at least 2")
    enough = proof.assume(le(1, x), "x is at least 1")
    weaker = proof.claim(le(1, x**2 + x)).by({enough: 1}, slack=x**2)
    proof.by("cut", weaker, proof.claim(le(1, x)).by({large: 1}, slack=1), label="2 is more than 1")
    proof.qed(Statement(le(1, x**2 + x), (le(2, x),)))
