/** What a request to the server may fail with. */

import { isFields } from "../core/entries";
import type { Fields } from "../core/types";
import { t } from "../ui/texts";

/** The server refused. The message says why, in its own words, and what to do. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: Fields,
  ) {
    super(messageOf(status, body));
    this.name = "ApiError";
  }
}

/** No answer came: the server is gone, or the way to it. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super(t("net.unreachable"), { cause });
    this.name = "Unreachable";
  }
}

function messageOf(status: number, body: Fields): string {
  const error = body["error"];
  const inner = isFields(error) ? error : body;
  const extra = isFields(inner["extra_info"]) ? inner["extra_info"] : {};
  const said = [extra["text"], inner["details"], inner["message"], error].find((each) => typeof each === "string" && each !== "");
  const remedy = body["remedy"] ?? inner["remedy"];
  const first = typeof said === "string" ? said : t("net.answered", { status });
  return typeof remedy === "string" && remedy && !first.includes(remedy) ? `${first}; ${remedy}` : first;
}
