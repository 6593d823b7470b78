// The page: asks the API and shows its answers. Text of others reaches the document as text only
// (textContent), never as markup.

const byId = (id) => document.getElementById(id);
const K = 20;
const liked = new Map();

// Control characters, and those that turn the direction of text, as visible escapes.
const STEERING = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/g;
const visible = (text) =>
  text.replace(STEERING, (c) => {
    const code = c.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Text of unknown direction, which must not turn what stands around it.
function isolated(className, text) {
  const made = element("bdi", className, visible(text));
  made.dir = "auto";
  return made;
}

class ApiError extends Error {}

// Returns the response of the server, if it is not an error.
async function request(path, options = {}) {
  const headers = { ...options.headers };
  const token = sessionStorage.getItem("token");
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch {
    throw new ApiError("The server does not answer.");
  }
  byId("token-form").hidden = response.status !== 401;
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new ApiError(answer.error ?? `Status ${response.status}`);
  }
  return response;
}

async function ask(path, options) {
  const response = await request(path, options);
  return response.json().catch(() => {
    throw new ApiError("The answer is no JSON.");
  });
}

function say(text, isError = false) {
  byId("status").textContent = visible(text);
  byId("status").className = isError ? "error" : "muted";
}

// Runs what a person asked for; only the newest request may show its answer.
let newest = 0;
async function run(work) {
  const mine = (newest += 1);
  const isNewest = () => mine === newest;
  try {
    await work(isNewest);
  } catch (error) {
    if (!isNewest()) return;
    if (!(error instanceof ApiError)) throw error;
    say(error.message, true);
  }
}

// The list that is shown, as the request that gave it: what "Save as CSV" asks for again.
let shownList;
function showList(path, options, movies) {
  shownList = { path, options };
  byId("save").hidden = !movies.length;
  show(byId("recommendations"), movies);
}

async function saveList() {
  await run(async () => {
    const { path, options } = shownList;
    const headers = { ...options?.headers, Accept: "text/csv" };
    const response = await request(path, { ...options, headers });
    const link = element("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = "recommendations.csv";
    link.click();
    URL.revokeObjectURL(link.href);
    say("Saved as recommendations.csv.");
  });
}

function facts(movie) {
  const year = movie.title.includes(`(${movie.year})`) ? null : movie.year;
  return [year, ...movie.genres].filter((one) => one !== null && one !== "").join(" · ");
}

// Bars compare the scores of one list: the best is full, the worst has a tenth.
function barShares(movies) {
  const scores = movies.map((movie) => movie.score);
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  return scores.map((score) => (high > low ? 0.1 + (0.9 * (score - low)) / (high - low) : 1));
}

function movieItem(movie, share) {
  const item = element("li");
  const button = element("button");
  button.type = "button";
  button.append(element("span", "rank", movie.rank ? String(movie.rank) : ""));
  const text = element("span", "text");
  text.append(isolated("title", movie.title || movie.movie_id));
  text.append(element("span", "facts", visible(facts(movie))));
  if (share !== undefined) {
    const score = element("span", "score");
    const track = element("span", "track");
    track.setAttribute("aria-hidden", "true");
    const fill = element("span", "fill");
    fill.style.width = `${100 * share}%`;
    track.append(fill);
    score.append(track, element("span", "", `score ${movie.score.toFixed(2)}`));
    text.append(score);
  }
  button.append(text);
  button.setAttribute("aria-haspopup", "dialog");
  button.addEventListener("click", () => showSimilar(movie.movie_id));
  item.append(button);
  return item;
}

function show(list, movies) {
  const shares = movies.some((movie) => "score" in movie) ? barShares(movies) : [];
  list.replaceChildren(...movies.map((movie, row) => movieItem(movie, shares[row])));
}

function remember(parameters) {
  const query = new URLSearchParams(parameters).toString();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
}

function knownText(answer, stranger) {
  return answer.known === false ? stranger : "";
}

async function showUser(user) {
  await run(async (isNewest) => {
    const path = `users/${encodeURIComponent(user)}`;
    const list = `${path}/recommendations?k=${K}`;
    const [answer, seen] = await Promise.all([ask(list), ask(`${path}/history?limit=${K}`)]);
    if (!isNewest()) return;
    liked.clear();
    showLiked();
    remember({ user });
    say("");
    byId("results-heading").replaceChildren("Recommended for ", isolated("", user));
    byId("known").textContent = knownText(
      answer, "The model does not know this user: these are popular movies.");
    showList(list, undefined, answer.recommendations);
    byId("seen").hidden = !seen.history.length;
    byId("seen-heading").textContent = `Seen (${seen.seen.toLocaleString("en")})`;
    show(byId("history"), seen.history);
    say(`${answer.recommendations.length} movies for this user.`);
  });
}

async function showForLiked() {
  await run(async (isNewest) => {
    const body = JSON.stringify({ history: [...liked.keys()], k: K });
    const headers = { "Content-Type": "application/json" };
    const options = { method: "POST", headers, body };
    const answer = await ask("recommendations", options);
    if (!isNewest()) return;
    remember([...liked.keys()].map((id) => ["like", id]));
    byId("results-heading").textContent = liked.size ? "Recommended for you" : "Popular";
    byId("known").textContent = liked.size
      ? knownText(answer, "The model knows none of these movies: the list is of popular ones.")
      : "Pick a user or a few movies.";
    byId("seen").hidden = true;
    showList("recommendations", options, answer.recommendations);
    say(`${answer.recommendations.length} movies.`);
  });
}

async function showSimilar(movieId) {
  await run(async (isNewest) => {
    const answer = await ask(`movies/${encodeURIComponent(movieId)}/similar?k=10`);
    if (!isNewest()) return;
    byId("similar-heading").replaceChildren("Similar to ", isolated("", answer.movie.title));
    byId("similar-known").textContent = knownText(
      answer, "Nobody has rated this movie: the list is of popular ones.");
    show(byId("similar-movies"), answer.similar);
    byId("similar").scrollTop = 0;
    if (!byId("similar").open) byId("similar").showModal();
  });
}

function showLiked() {
  byId("liked-heading").hidden = !liked.size;
  byId("liked").replaceChildren(
    ...[...liked.values()].map((movie) => {
      const item = element("li");
      const button = element("button");
      button.type = "button";
      button.append(isolated("", movie.title));
      button.setAttribute("aria-label", `Remove ${visible(movie.title)}`);
      button.addEventListener("click", () => {
        liked.delete(movie.movie_id);
        showLiked();
        showForLiked();
        byId("search").focus();
      });
      item.append(button);
      return item;
    }),
  );
}

function showFound(movies) {
  byId("found").replaceChildren(
    ...movies
      .filter((movie) => !liked.has(movie.movie_id))
      .map((movie) => {
        const item = element("li");
        const button = element("button");
        button.type = "button";
        button.append(isolated("", movie.title));
        button.addEventListener("click", () => {
          liked.set(movie.movie_id, movie);
          byId("user").value = "";
          byId("search").value = "";
          showFound([]);
          showLiked();
          showForLiked();
          byId("search").focus();
        });
        item.append(button);
        return item;
      }),
  );
}

// Runs after a pause in typing; an answer that comes late is not shown.
function whileTyping(input, work) {
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    const text = input.value;
    timer = setTimeout(async () => {
      try {
        await work(text, () => text === input.value);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        say(error.message, true);
      }
    }, 150);
  });
}

async function suggestUsers(text, isCurrent) {
  const answer = await ask(`users?limit=10&search=${encodeURIComponent(text)}`);
  if (!isCurrent()) return;
  byId("users").replaceChildren(
    ...answer.users.map((user) => {
      const option = element("option");
      option.value = user;
      return option;
    }),
  );
}

async function searchMovies(text, isCurrent) {
  const movies = text.trim()
    ? (await ask(`movies?limit=8&search=${encodeURIComponent(text)}`)).movies
    : [];
  if (isCurrent()) showFound(movies);
}

async function showModel() {
  const model = await ask("model");
  document.title = `Recommendations: ${model.name}`;
  const since = new Date(model.since).toISOString().slice(0, 16).replace("T", " ");
  const parts = [
    `Live: version ${model.version} of ${model.name}, served since ${since} UTC`,
    `${model.movies.toLocaleString("en")} movies, ${model.users.toLocaleString("en")} users`,
  ];
  if (model.copy_of) parts.push(`a copy of version ${model.copy_of}: ${model.reason ?? ""}`);
  if (model.failed_version) parts.push(`version ${model.failed_version} could not be loaded`);
  byId("model").textContent = visible(parts.join(" · "));
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  byId("figures").textContent = model.figures.length
    ? "Held-out ratings found in the list: " + model.figures
        .map((one) => `${one.name} ${percent(one.model)} (most popular movies: ` +
          `${percent(one.popularity)})`)
        .join(", ")
    : "";
  byId("report").hidden = !model.has_report;
}

async function start() {
  const parameters = new URLSearchParams(location.search);
  try {
    await showModel();
    await suggestUsers("", () => true);
    const ids = parameters.getAll("like").slice(0, 100);
    for (const id of ids) {
      const path = `movies/${encodeURIComponent(id)}/similar?k=1`;
      const answer = await ask(path).catch(() => null);
      if (answer) liked.set(id, answer.movie);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    say(error.message, true);
    return;
  }
  const user = parameters.get("user");
  showLiked();
  if (user) {
    byId("user").value = user;
    await showUser(user);
  } else {
    await showForLiked();
  }
  const movie = parameters.get("movie");
  if (movie) await showSimilar(movie);
}

byId("user-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (byId("user").value) showUser(byId("user").value);
});
byId("save").addEventListener("click", saveList);
byId("search-form").addEventListener("submit", (event) => event.preventDefault());
byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", byId("token").value);
  byId("token").value = "";
  start();
});
whileTyping(byId("user"), suggestUsers);
whileTyping(byId("search"), searchMovies);
start();
