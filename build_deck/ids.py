"""Identities of the deck: constants chosen once at random, never computed, never changed after 1.0."""

from __future__ import annotations

from types import MappingProxyType

from build_deck.model.note import NoteType

NAMESPACE = "proofdeck/"
"""A note's GUID is a hash of this and its first id."""

TAG_ROOT = "LLM面试"
DECK_ROOT = "LLM 面试"
DECK_ROOT_ID = 1685911051

DECKS = (
    (2016542871, "1 数学与深度学习基础", ("math-ml", "deep-learning")),
    (1996834728, "2 Transformer 架构", ("transformer", "position", "moe-frontier")),
    (2122120975, "3 预训练与分布式", ("pretraining", "distributed")),
    (1955282855, "4 微调与对齐", ("finetuning", "alignment-rl")),
    (1665978462, "5 推理部署与算子", ("inference", "compression", "gpu-cuda")),
    (1692682158, "6 RAG 与 Agent", ("rag", "agent")),
    (2076334589, "7 多模态", ("multimodal",)),
    (1721495256, "8 评测与开放题", ("eval-open",)),
)
"""Subdecks: (id, name below the root, sections in it). Anki matches decks by name, so the names are for ever."""

NOTE_TYPES = MappingProxyType(
    {
        NoteType.QUESTION: (1581935866, "LLM面试·问答"),
        NoteType.FOLLOW_UP: (1950057343, "LLM面试·追问"),
        NoteType.KATA: (1140833878, "LLM面试·手撕"),
    }
)
"""Note type ids and names."""

FIELD_IDS = MappingProxyType(
    {
        NoteType.QUESTION: (
            1946431464370811483,  # Id
            3747583433297983376,  # Question
            2420725225990332857,  # Context
            3189634730939038683,  # Stub
            2106108826976818395,  # Answer
            2161228520310317595,  # Detail
            4149827143447395641,  # Figure
            3606078980349312432,  # Evidence
            3240072890717969816,  # FollowUps
            2679509738908186147,  # Pitfalls
            1970185676853305805,  # AskBack
            2688035468876812418,  # References
            1216840407506267525,  # Meta
            490950303504147937,  # Cells
            2558738771420730781,  # Spare1
            4159417841512690840,  # Spare2
        ),
        NoteType.FOLLOW_UP: (
            1197095545318320234,  # Id
            136164530134025870,  # Question
            4278935558382092064,  # Context
            3537134777079960745,  # Stub
            1909267219972593485,  # Answer
            1323080244854319407,  # Detail
            4310863180812216094,  # Figure
            3743034428579072097,  # Evidence
            3512950794656002195,  # FollowUps
            4090517815844131470,  # Pitfalls
            3288371804303049498,  # AskBack
            547835729338213583,  # References
            2830085279926894624,  # Meta
            335263886130293345,  # Cells
            192948566330536780,  # Spare1
            2554743997347984428,  # Spare2
        ),
        NoteType.KATA: (
            2593408554381581248,  # Id
            1573466947013752254,  # Question
            53782672438734746,  # Context
            2000844494581429548,  # Stub
            1061504186629990058,  # Answer
            4162897745862209652,  # Detail
            2746998684650813732,  # Figure
            3121662080515957186,  # Evidence
            4610288239957511774,  # FollowUps
            2818585604785635685,  # Pitfalls
            2062444175918442629,  # AskBack
            1927673483866024424,  # References
            455829883102088194,  # Meta
            4228201424196824936,  # Cells
            1422311631347472189,  # Spare1
            299571288502722647,  # Spare2
        ),
    }
)
"""Ids of the fields, in the order of `FIELDS`: with them a renamed field still updates cleanly."""

TEMPLATE_IDS = MappingProxyType(
    {
        NoteType.QUESTION: 627049729724791431,
        NoteType.FOLLOW_UP: 1340927191050031596,
        NoteType.KATA: 4474381208302090833,
    }
)
"""Ids of the one card template of each note type."""
