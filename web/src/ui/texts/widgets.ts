/** Words of settings: numbers, prompts, choices, seeds, colours, files. */
export const widgets = {
  "number.wrong": "“{text}” is no number",
  "number.least": "at least {value}",
  "number.most": "at most {value}",

  "widget.several": "several values",
  "widget.uploadFile": "Upload a file",
  "widget.copied": "Copied",
  "widget.noClipboard": "This browser does not let the page write the clipboard.",

  "incoming.from": "{name} comes from {source}",
  "incoming.value": "{name} comes from {source}: {value}",
  "incoming.last": "{name} comes from {source}; this is what came in the last run",

  "choice.missing": "“{value}” is not on this server.",
  "choice.nearest": "“{value}” is not on this server. The nearest: {names}",
  "choice.nearestGroup": "Nearest to “{value}”",
  "choice.ungrouped": "Others",
  "choice.isMissing": "missing",

  "color.wrong": "“{text}” is no colour; write it as #rrggbb",
  "color.pick": "Choose {name}",

  "seed.used.short": "used",
  "seed.next.short": "next",
  "seed.reuse.short": "Reuse",
  "seed.again": "Use {seed} again and keep it",
  "seed.copyUsed": "Copy the seed that was used",

  "prompt.tokens": "{tokens} of {room} tokens",
  "prompt.chunks": "{tokens} tokens in {chunks} chunks of {room}",
  "prompt.tokensShort": "{tokens}/{room}",
  "prompt.chunksShort": "{tokens} · {chunks} chunks",
  "prompt.firstChoice": "Counted with the first of each {a|b}; a run picks by chance.",
  "prompt.smaller": "Smaller text",
  "prompt.larger": "Larger text",
  "prompt.size": "Text size",
  "prompt.offers": "Names to go on with",
  "prompt.embedding": "embedding",
  "prompt.lora": "LoRA",
  "prompt.loraHelp": "for nodes that load LoRAs out of a text",

  "inspector.shared": "{count} nodes: these settings are in all of them.",
  "inspector.noShared": "{count} nodes: they have no setting in common.",
} as const;
