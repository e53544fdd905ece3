FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /pointbridge .
RUN mkdir /data && chown 65532:65532 /data

# Nothing but the program, the certificates it trusts, and a user without rights.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /pointbridge /pointbridge
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/pointbridge"]
CMD ["serve"]
