# The course in a container: the book on port 8000, JupyterLab with the chapters on port 8888.
#
#   docker build -t course . && docker run --rm -p 8000:8000 -p 8888:8888 course
#   docker build -t course-book --target book . && docker run --rm -p 8000:8000 course-book    (the book alone, small)

FROM python:3.12-slim AS base
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN useradd --create-home --uid 1000 student
WORKDIR /course

# Build the pages. Only what a build needs is installed, without TensorFlow.
FROM base AS pages
COPY constraints.txt ./
COPY requirements/book.txt requirements/
RUN pip install --constraint constraints.txt --requirement requirements/book.txt
COPY . .
RUN pip install --no-deps --editable . && jupyter-book build . --quiet

# The book alone.
FROM base AS book
COPY --from=pages /course/_build/html /book
USER student
EXPOSE 8000
CMD ["python", "-m", "http.server", "8000", "--directory", "/book"]

# The packages, in an environment that can be copied as a whole.
FROM base AS packages
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY . .
RUN pip install --constraint constraints.txt --editable ".[lab]"

# For contributors (.devcontainer): what `make` and the browser tests need besides Python.
FROM base AS dev
RUN apt-get update \
    && apt-get install --yes --no-install-recommends chromium git make \
    && rm -rf /var/lib/apt/lists/*
USER student

# The book and JupyterLab.
FROM base AS course
ENV PATH=/opt/venv/bin:$PATH
COPY --from=packages /opt/venv /opt/venv
COPY --chown=student:student . .
COPY --from=pages --chown=student:student /course/_build/html _build/html
USER student
EXPOSE 8000 8888
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/index.html')"]
CMD ["sh", "-c", "python -m http.server 8000 --directory _build/html & exec jupyter lab --ip=0.0.0.0 --no-browser book/notebooks"]
