/** Words about wires: what flowed over them, tags, the connector, frames. */
export const wires = {
  "value.items": "{count} items",
  "value.mean": "mean {value}",
  "value.all": "all {value}",
  "value.picture": "What flowed here",

  "link.hide": "Show as a tag",
  "link.show": "Show as a wire",

  "connect.title": "Connect {title}",
  "connect.with": "Connect {socket} with",
  "connect.none": "Nothing here fits.",
  "connect.back": "Choose another socket",
  "connect.output": "Outputs",
  "connect.input": "Inputs",
  "connect.setting": "Settings",
  "connect.links": "{count} wires",
  "connect.link": "1 wire",
  "connect.from": "from {source}",
  "connect.replaces": "replaces {source}",
  "connect.wired": "wired already",
  "connect.made": "{from} → {to}",
  "connect.noPartner": "No socket of this graph fits {socket}.",

  "choose.found": "Choices",

  "group.colour": "Colour of the frame",
  "group.noColour": "No colour",
  "group.red": "Red",
  "group.brown": "Brown",
  "group.green": "Green",
  "group.blue": "Blue",
  "group.paleBlue": "Pale blue",
  "group.cyan": "Cyan",
  "group.purple": "Purple",
  "group.yellow": "Yellow",
  "group.black": "Black",
  "group.empty": "No node stands in this frame.",

  "sockets.promoted": "The subgraph has it as “{name}” now.",
} as const;
