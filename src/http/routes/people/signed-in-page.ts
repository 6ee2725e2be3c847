/** For browsers that came without a place to go to. */
export const SIGNED_IN_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Signed in to Ragstone</title>
  </head>
  <body>
    <main>
      <h1>You are signed in</h1>
      <p>You may close this page and go back to where you came from.</p>
    </main>
  </body>
</html>
`
