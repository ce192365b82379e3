"""What a word may mean, without the database: pages, commands, rules and tiers by their names in either language. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kizuna.core.errors import N_
from kizuna.program import Campaign, Program
from kizuna.web.console.desk.views import Hit
from kizuna.web.words import LANGUAGES, translate

RULES_MAX = 8


@dataclass(frozen=True, slots=True)
class Command:
    """A page to go to, or something to do (`fields`). `more` are words that find it too."""

    words: str
    href: str
    sign: str
    more: str = ""
    fields: Mapping[str, str] | None = None


PREFERENCES, SIGN_OUT = "/console/preferences", "/console/sign-out"
COMMANDS = (
    Command(N_("Overview"), "/console/overview", "overview", "home dashboard figures 概況 数字 がいきょう"),
    Command(N_("Members"), "/console/members", "members", "customers people search 会員 顧客 かいいん"),
    Command(N_("Program"), "/console/program", "program", "rules tiers points ランク ルール ぷろぐらむ"),
    Command(
        N_("Back-tests"), "/console/backtests", "insight", "simulate what-if cost insight バックテスト 試算 分析 しさん"
    ),
    Command(
        N_("New back-test"), "/console/backtests/new", "insight", "simulate what-if 新しい バックテスト 試算 しさん"
    ),
    Command(N_("Operations"), "/console/jobs", "operations", "jobs imports work ledger 運用 取り込み 処理 うんよう"),
    Command(
        N_("Ledger statement"),
        "/console/ledger",
        "operations",
        "accounts books issued expired 台帳 会計 発行 失効 だいちょう",
    ),
    Command(N_("Settings"), "/console/settings", "settings", "brand look colour logo 設定 色 せってい"),
    Command(N_("Import orders"), "/console/imports/new", "upload", "csv file upload ファイル 取り込み とりこみ 注文"),
    Command(N_("Approvals"), "/console/approvals", "check", "adjustments second person 承認待ち 調整 しょうにん"),
    Command(N_("Adjust points from a file"), "/console/corrections/new", "upload", "csv bulk 一括 調整 ちょうせい"),
    Command(N_("Look of the brand"), "/console/look", "star", "colour logo words 色 ロゴ 見た目"),
    Command(N_("Notices"), "/console/notices", "bell", "bell news お知らせ 通知 おしらせ"),
    Command(N_("Help"), "/console/help", "help", "keyboard shortcuts ヘルプ 使い方 キーボード"),
    Command(N_("Theme: as the system"), PREFERENCES, "settings", "dark light テーマ", {"theme": "system"}),
    Command(N_("Theme: light"), PREFERENCES, "sun", "bright 明るい テーマ ライト", {"theme": "light"}),
    Command(N_("Theme: dark"), PREFERENCES, "moon", "night 暗い テーマ ダーク", {"theme": "dark"}),
    Command(
        N_("Theme: high contrast"), PREFERENCES, "contrast", "accessible コントラスト テーマ", {"theme": "contrast"}
    ),
    Command(N_("Show in Japanese"), PREFERENCES, "globe", "language 日本語 言語 げんご", {"language": "ja"}),
    Command(N_("Show in English"), PREFERENCES, "globe", "language 英語 言語 English", {"language": "en"}),
    Command(N_("Sign out"), SIGN_OUT, "leave", "logout leave サインアウト ログアウト", {}),
)


def plain(text: str) -> str:
    """Return text in the form in which words are compared."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def find_commands(query: str, lang: str) -> tuple[list[Hit], list[Hit]]:
    """Return the pages and the commands that a word finds; no word finds all of them."""
    wanted = plain(query)
    pages: list[Hit] = []
    deeds: list[Hit] = []
    for one in COMMANDS:
        texts = " ".join(plain(translate(each, one.words)) for each in LANGUAGES) + " " + plain(one.more)
        if wanted in texts:
            hit = Hit(translate(lang, one.words), one.href, one.sign, fields=one.fields)
            (pages if one.fields is None else deeds).append(hit)
    return pages, deeds


def find_rules(query: str, program: Program, lang: str) -> Sequence[Hit]:
    """Return the rules and tiers of a program that have the word in a name."""
    wanted = plain(query)
    rules = [
        (rule.name, f"#rule-{rule.id}", "campaign", N_("Campaign"))
        if isinstance(rule, Campaign)
        else (rule.name, f"#rule-{rule.id}", "program", N_("Rule"))
        for rule in program.rules
    ]
    levels = [level for track in (program.tiers, *program.tracks) for level in track.levels]
    tiers = [(level.name, f"#tier-{level.id}", "tier", N_("Tier")) for level in levels]
    hits = [
        Hit(getattr(name, lang), f"/console/program{place}", sign, translate(lang, sort))
        for name, place, sign, sort in rules + tiers
        if wanted in plain(f"{name.ja} {name.en}")
    ]
    return hits[:RULES_MAX]
