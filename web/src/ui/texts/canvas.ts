/** Words of the canvas: what gestures say. */
export const canvas = {
  "canvas.name": "Graph",
  "canvas.sameNode": "A node cannot feed itself",
  "canvas.circle": "That would close a circle",
  "canvas.noInput": "No input here takes {type}",
  "canvas.noOutput": "No output here gives {type}",
  "canvas.notAll": "Not all of the links fit there",
  "canvas.convert": "Connect through a conversion",
  "canvas.converts": "{title} goes between",
  "canvas.converted": "{title} was put between",
  "canvas.pulledOut": "Pulled out: the chain closes behind it",
  "canvas.joins": "The frame takes it in",
  "canvas.inputs": "Inputs",
  "canvas.outputs": "Outputs",
  "canvas.minimap": "Map of the graph",
} as const;
