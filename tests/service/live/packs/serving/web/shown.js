export const shown = "serving";
