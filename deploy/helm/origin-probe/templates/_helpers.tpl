{{- define "origin-probe.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* At most 52 bytes: a StatefulSet's pods and revisions add to it. */}}
{{- define "origin-probe.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "origin-probe.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{- define "origin-probe.selectorLabels" -}}
app.kubernetes.io/name: {{ include "origin-probe.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "origin-probe.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "origin-probe.selectorLabels" . }}
app.kubernetes.io/component: exporter
app.kubernetes.io/part-of: origin-probe
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The fields of metadata but for the name, of an object in the namespace `.namespace`. */}}
{{- define "origin-probe.metadata" -}}
namespace: {{ default (include "origin-probe.namespace" .root) .namespace }}
labels:
  {{- include "origin-probe.labels" .root | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "origin-probe.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "origin-probe.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "origin-probe.image" -}}
{{- $name := .Values.image.repository }}
{{- with .Values.image.registry }}
{{- $name = printf "%s/%s" . $name }}
{{- end }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $name .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $name (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "origin-probe.scheme" -}}
{{- if and .Values.webConfig.existingSecretName .Values.webConfig.tls }}https{{ else }}http{{ end }}
{{- end }}

{{/* Whether the configuration is one of the user's own. */}}
{{- define "origin-probe.configExists" -}}
{{- if or .Values.configExistingConfigMapName .Values.configExistingSecretName }}true{{ end }}
{{- end }}

{{/* The configuration file; fails where it could not be right. */}}
{{- define "origin-probe.config" -}}
{{- $config := .Values.config }}
{{- if not (or $config.origins $config.discovery (and $config.probe_endpoint $config.probe_endpoint.enabled)) }}
{{- fail "\n\nNothing is to be watched yet. Give origins, such as by\n  --set 'config.origins[0].id=shop,config.origins[0].domain=origin.example.com'\nor discovery of an AWS account's distributions by\n  --set 'config.discovery.cloudfront[0].name=production'\nor a configuration of your own: configExistingConfigMapName or configExistingSecretName." }}
{{- end }}
{{- if $config.web }}
{{- with $config.web.listen }}
{{- if not (hasSuffix (printf ":%v" $.Values.containerPort) .) }}
{{- fail (printf "config.web.listen is %s, but containerPort is %v; they must agree" . $.Values.containerPort) }}
{{- end }}
{{- end }}
{{- else if ne (int .Values.containerPort) 10502 }}
{{- fail (printf "containerPort is %v; set config.web.listen to 0.0.0.0:%v, too" .Values.containerPort .Values.containerPort) }}
{{- end }}
{{- toYaml $config }}
{{- end }}

{{/* What is said of a probe, with the way it takes unless that is said, too. */}}
{{- define "origin-probe.containerProbe" -}}
{{- $way := dict }}
{{- if not (or (hasKey .probe "httpGet") (hasKey .probe "tcpSocket") (hasKey .probe "exec") (hasKey .probe "grpc")) }}
{{- if eq .root.Values.webConfig.probes "tcpSocket" }}
{{- $way = dict "tcpSocket" (dict "port" "http") }}
{{- else if eq (include "origin-probe.scheme" .root) "https" }}
{{- $way = dict "httpGet" (dict "path" .path "port" "http" "scheme" "HTTPS") }}
{{- else }}
{{- $way = dict "httpGet" (dict "path" .path "port" "http") }}
{{- end }}
{{- end }}
{{- toYaml (merge (deepCopy .probe) $way) }}
{{- end }}
