// Registered here and not by `--import`, which every disk thread would inherit: the built form needs no loader there.
import { register } from "tsx/esm/api";

register();
