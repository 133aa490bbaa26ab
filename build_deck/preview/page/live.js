// Added by `preview --serve`: shows what was saved, without losing the place.
"use strict";
new EventSource("events").onmessage = (event) => proofdeck.renew(JSON.parse(event.data));
